"""Documents and lists as files: these modules write, and count or word nothing."""
