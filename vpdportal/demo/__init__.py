"""The demonstration: become someone else, move the clock, read the mails. Answers nothing unless DEMO is on."""
