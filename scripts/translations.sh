#!/bin/sh
# Collects the window's words into facecam/ui/i18n/*.ts and packs those into the .qm files that the program loads.
# A word that is new stands in the .ts as "unfinished": translate it there (Qt Linguist, or any editor) and run this again.
# Another language: cp facecam/ui/i18n/facecam_de.ts facecam/ui/i18n/facecam_fr.ts, set language="fr" in it, translate.
set -eu
cd "$(dirname "$0")/.."
bin=${1:-.venv/bin}
for file in facecam/ui/i18n/facecam_*.ts; do
    language=$(basename "$file" .ts)
    "$bin/pyside6-lupdate" $(find facecam/messages.py facecam/ui -name "*.py" | sort) -ts "$file" -source-language en -target-language "${language#facecam_}" \
        -no-obsolete -locations none -no-ui-lines >/dev/null
    "$bin/pyside6-lrelease" "$file" -qm "${file%.ts}.qm" | tail -n 1
done
