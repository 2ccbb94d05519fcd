"""Phone numbers as WhatsApp and the staff list write them: E.164, with a '+'."""


def e164(text: str, region: str = "ID") -> str | None:
    """A phone number however it was written ('0812…', '+62 812-…'), or None where it cannot be one."""
    import phonenumbers  # 60 ms of metadata: only where a number is typed in by hand

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
