"""Who is tried at every address: the columns of the tables of rights."""

COLUMNS = [
    *("stranger", "nobody", "elsewhere", "employee", "manager", "support"),
    *("adviser", "deputy", "legal", "management", "administrator", "auditor", "analyst"),
]


def row(text: str) -> dict[str, str]:
    return dict(zip(COLUMNS, text.split(), strict=True))
