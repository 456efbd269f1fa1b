"""At the making of an image: texts of other languages out, .mo files and byte code in, as all is read-only later."""

import compileall
import shutil
import sys
from pathlib import Path

import polib

KEPT = {"en", "nl", "__pycache__"}

root = Path(sys.argv[1])
for folder in (root / "venv").rglob("locale"):
    for language in folder.iterdir():
        if language.is_dir() and language.name not in KEPT:
            shutil.rmtree(language)
for po in (root / "locale").rglob("*.po"):
    polib.pofile(str(po)).save_as_mofile(str(po.with_suffix(".mo")))
if not compileall.compile_dir(root, quiet=2):
    raise SystemExit("Some file does not compile.")
