"""What people see and press: the portal and the phone page, in a real browser."""
