"""facecam gallery encrypt, decrypt and passphrase."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from typer import Option

from facecam.cli import context
from facecam.cli.options import GalleryOption, Input
from facecam.messages import count_of


def encrypt(
    keyring: Annotated[bool, Option("--keyring", help="Store the key in the system's keyring: nothing is asked then.")] = False,
    gallery: GalleryOption = None,
) -> bool:
    """Encrypt photos, names and cache with a passphrase.

    Without the passphrase all photos are lost. Plain copies can remain in backups and on flash storage. Exit code 3: some plain
    files could not be deleted.

    Examples:
        facecam gallery encrypt
        facecam gallery encrypt --gallery people --passphrase-file passphrase.txt
    """
    from facecam.fileio import create_private_folder
    from facecam.gallery.conversion import check_convertible, encrypt_gallery
    from facecam.gallery.keychain import require_keyring, store_key

    root = context.gallery_dir(gallery, unlock=False)
    is_new = gallery is None and not root.exists()
    if not is_new:
        check_convertible(root)
    if keyring:
        require_keyring()
    passphrase = _new_passphrase(context.invocation.passphrase_file, "--passphrase-file")
    if is_new:
        create_private_folder(root)  # No photo is ever there as a plain file.
    _finish_forgetting(root)
    with context.progress("encrypting") as report_progress:
        done = encrypt_gallery(root, passphrase, report_progress)
    if keyring:
        store_key(root)
    context.print_result(f"{root}: {count_of(done.people, 'person')}, {count_of(done.files, 'file')} encrypted")
    context.print_note(
        "keep the passphrase: without it and the file .encryption.toml the photos are lost. Backups and deleted files on flash "
        "storage can still hold the plain photos"
    )
    for path in done.leftovers:
        context.print_result(f"{path}: could not be deleted; delete it yourself")
    return bool(done.leftovers)


def decrypt(gallery: GalleryOption = None) -> bool:
    """Decrypt the gallery: folders and files get their names again. Exit code 3: some files were missing.

    Examples:
        facecam gallery decrypt
        facecam gallery decrypt --gallery people --passphrase-file passphrase.txt
    """
    from facecam.gallery.conversion import decrypt_gallery
    from facecam.gallery.files import encryption_key
    from facecam.gallery.keychain import delete_key

    root = context.gallery_dir(gallery)
    _finish_forgetting(root)
    key = encryption_key(root)
    with context.progress("decrypting") as report_progress:
        done = decrypt_gallery(root, progress=report_progress)
    if key is not None:
        delete_key(key.gallery_id)
    context.print_result(f"{root}: {count_of(done.people, 'person')}, {count_of(done.files, 'file')} decrypted")
    for name in done.missing:
        context.print_result(f"{name}: was missing; restore it from a backup of the encrypted gallery")
    for path in done.leftovers:
        context.print_result(f"{path}: could not be deleted; delete it yourself")
    return bool(done.missing or done.leftovers)


def change_passphrase(
    new_passphrase_file: Annotated[
        Path | None, Option("--new-passphrase-file", metavar="FILE", help="File with the new passphrase."), Input()
    ] = None,
    gallery: GalleryOption = None,
) -> None:
    """Change the passphrase of the encrypted gallery. The files stay as they are.

    An older copy of .encryption.toml still opens with the passphrase of its time: delete such copies, or decrypt and encrypt.

    Examples:
        facecam gallery passphrase
        facecam gallery passphrase --passphrase-file old.txt --new-passphrase-file new.txt
    """
    from facecam.gallery.conversion import change_passphrase as change

    root = context.gallery_dir(gallery)
    change(root, _new_passphrase(new_passphrase_file, "--new-passphrase-file"))
    context.print_result(f"{root}: the passphrase was changed")


def _new_passphrase(file: Path | None, option: str) -> str:
    """Return the passphrase in the file of an option, else ask for a new one twice. GalleryError when it is too short."""
    from facecam.errors import GalleryError
    from facecam.gallery.encryption import check_passphrase

    if file is not None:
        passphrase = context.read_passphrase_file(file)
        check_passphrase(passphrase)
        return passphrase
    if not sys.stdin.isatty():
        raise GalleryError(
            "the passphrase cannot be asked for without a terminal; name a file with it by {option}", option=option
        )
    context.print_note("choose a passphrase of at least 8 characters; five random words are strong, one word is not")
    while True:
        passphrase = context.ask_passphrase("New passphrase")
        try:
            check_passphrase(passphrase)
        except GalleryError as error:
            context.print_note(str(error))
            continue
        if context.ask_passphrase("The same again") == passphrase:
            return passphrase
        context.print_note("these were two different passphrases; enter it again")


def _finish_forgetting(root: Path) -> None:
    """Finish an interrupted `facecam forget`, whose notes cannot be read after the gallery has got another key, or none."""
    from facecam.privacy.forgetting import finish_interrupted
    from facecam.privacy.places import stored_places

    gallery = root.absolute()
    for line in finish_interrupted(gallery, stored_places(gallery, context.log_dir(None).absolute())):
        context.print_note(line)
