#!/bin/sh
# Collects the window's texts into facecam/ui/i18n/*.ts and packs those into the .qm files that the program loads. Texts of errors and
# situations are raised all over the package; error_texts.py finds their templates.
# A text that is new stands in the .ts as "unfinished": translate it there (Qt Linguist, or any editor) and run this again.
# Another language: cp facecam/ui/i18n/facecam_de.ts facecam/ui/i18n/facecam_fr.ts, set language="fr" in it, translate.
set -eu
cd "$(dirname "$0")/.."
bin=${1:-.venv/bin}
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
"$bin/python" scripts/error_texts.py "$folder/errors.py"
for file in facecam/ui/i18n/facecam_*.ts; do
    language=$(basename "$file" .ts)
    "$bin/pyside6-lupdate" $(find facecam/messages.py facecam/ui -name "*.py" | sort) "$folder/errors.py" -ts "$file" -source-language en \
        -target-language "${language#facecam_}" -no-obsolete -locations none -no-ui-lines >/dev/null
    "$bin/pyside6-lrelease" "$file" -qm "${file%.ts}.qm" | tail -n 1
done
