"""Pages, by who comes for them. Five steps each: right, fetch through visible_to, form, one action, redirect."""
