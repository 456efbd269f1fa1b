"""The letters that the portal ships. Texts of our own, no official ones; an organisation has its lawyer read them."""
