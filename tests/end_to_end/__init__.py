"""The real functions over HTTP, on the emulators, beside a simulated WhatsApp."""
