"""Every change of state: one keyword-only function each, in the language of the field.

Each is one transaction, is told who (`by`) and when (`now`), writes a timeline row and an audit row, and raises a
`Refused` with a message for the person when it may not happen.
"""
