"""An office's folder, checked before anybody runs it."""
