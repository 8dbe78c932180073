"""Keys: made once, read strictly, never shown."""

import shutil
import stat
import subprocess
import sys

import pytest

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence import keys
from pytest_darkhost.evidence.bundle import Bundle
from pytest_darkhost.evidence.keys.public import _SMALL_ORDER
from support import evidence


def why(call, *arguments):
    """Return the code and text of a refusal."""
    with pytest.raises(EvidenceError) as refused:
        call(*arguments)
    return refused.value.code, str(refused.value)


def test_a_new_key_signs_and_its_public_half_verifies(tmp_path):
    """The private file is its owner's alone; both are PEM."""
    public = keys.write_new(tmp_path / "darkhost.pem", None)

    assert public == tmp_path / "darkhost.pub"
    assert stat.S_IMODE((tmp_path / "darkhost.pem").stat().st_mode) == 0o600
    assert (tmp_path / "darkhost.pem").read_text().startswith("-----BEGIN PRIVATE KEY-----\n")
    assert public.read_text().startswith("-----BEGIN PUBLIC KEY-----\n")
    signer = keys.load_signer(tmp_path / "darkhost.pem", None)
    assert keys.load_public(public).keyid == signer.public.keyid
    assert keys.pem_of(signer.public) == public.read_bytes()


@pytest.mark.parametrize("taken", ["darkhost.pem", "darkhost.pub"])
@pytest.mark.parametrize("link", [False, True])
def test_nothing_is_overwritten(tmp_path, taken, link):
    """Neither half, nor what a link that leads nowhere stands for; and no half is left alone."""
    if link:
        (tmp_path / taken).symlink_to(tmp_path / "nowhere")
    else:
        (tmp_path / taken).write_text("mine")
    before = sorted(tmp_path.iterdir())

    assert why(keys.write_new, tmp_path / "darkhost.pem", None) == (
        "key",
        f"{tmp_path / taken}: exists already, expected a name that is free. A key is never overwritten",
    )
    assert sorted(tmp_path.iterdir()) == before


def test_a_place_that_cannot_be_written(tmp_path):
    """One line, and no half of a pair."""
    assert why(keys.write_new, tmp_path / "none" / "darkhost.pem", None) == (
        "key",
        f"{tmp_path / 'none' / 'darkhost.pub'}: cannot be written (No such file or directory), "
        "expected a place for a new file",
    )
    assert why(keys.write_new, tmp_path / "darkhost.pub", None)[1].endswith("expected such as darkhost.pem")


def test_a_passphrase(tmp_path):
    """The key opens with it alone, and it appears in no message."""
    path = tmp_path / "darkhost.pem"
    keys.write_new(path, "correct horse")

    assert keys.load_signer(path, "correct horse").public.keyid
    assert why(keys.load_signer, path, None) == (
        "key",
        f"{path}: protected by a passphrase, expected it in $DARKHOST_KEY_PASSPHRASE",
    )
    wrong = why(keys.load_signer, path, "battery staple")
    assert wrong == (
        "key",
        f"{path}: the passphrase does not open it, expected the one that it was made with in $DARKHOST_KEY_PASSPHRASE",
    )


def test_a_passphrase_that_is_not_needed_is_no_mistake(tmp_path):
    """The variable may be set for another key."""
    keys.write_new(tmp_path / "darkhost.pem", None)

    assert keys.load_signer(tmp_path / "darkhost.pem", "for another one").public.keyid


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused(tmp_path, mode):
    """It is no longer one person's."""
    path = tmp_path / "darkhost.pem"
    keys.write_new(path, None)
    path.chmod(mode)

    assert why(keys.load_signer, path, None) == (
        "key",
        f"{path}: can be read by others, expected by its owner alone. Run chmod 600 {path}",
    )


def test_what_is_no_key(tmp_path):
    """Missing, a directory, noise, a public key, a private one, another kind."""
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    path, noise, other = (tmp_path / name for name in ("darkhost.pem", "noise", "other"))
    public = keys.write_new(path, None)
    noise.write_bytes(b"\x00\xff" * 99)
    other_key = generate_private_key(SECP256R1())
    other.write_bytes(other_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    for each in (noise, other, public):
        each.chmod(0o600)
    other_public = tmp_path / "other.pub"
    other_public.write_bytes(other_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    odd = tmp_path / "odd.pub"  # SubjectPublicKeyInfo with an algorithm that nobody has: 1.2.3.4
    odd.write_text("-----BEGIN PUBLIC KEY-----\nMA0wBwYDKgMEBQADAgAA\n-----END PUBLIC KEY-----\n")
    assert why(keys.load_public, odd)[1].startswith(f"{odd}: no Ed25519 public key")

    begins = "expected PEM that begins with -----BEGIN"
    assert why(keys.load_signer, tmp_path / "none", None)[1].endswith(
        "(No such file or directory), expected a key file"
    )
    assert why(keys.load_signer, tmp_path, None)[1].endswith("(Is a directory), expected a key file")
    assert why(keys.load_signer, noise, None)[1] == f"{noise}: no private key, {begins} PRIVATE KEY-----"
    assert why(keys.load_signer, public, None)[1] == f"{public}: no private key, {begins} PRIVATE KEY-----"
    assert why(keys.load_signer, other, None)[1].endswith(
        "another kind, expected Ed25519. Make one with: darkhost key new"
    )
    assert why(keys.load_public, noise)[1] == f"{noise}: no Ed25519 public key, {begins} PUBLIC KEY-----"
    assert why(keys.load_public, other_public)[1] == f"{other_public}: no Ed25519 public key, {begins} PUBLIC KEY-----"
    assert "Keep this file to yourself" in why(keys.load_public, path)[1]


def test_a_key_in_the_folder_is_refused(tmp_path):
    """The folder is handed to an auditor; a link there leads there too."""
    folder = tmp_path / "evidence"
    folder.mkdir()
    inside = evidence.signer(folder)

    assert why(Bundle.open, folder, inside) == (
        "key",
        f"{folder / 'darkhost.pem'}: lies in the evidence folder, expected a place that nobody hands to an auditor",
    )
    (tmp_path / "way").symlink_to(folder)
    for way in (tmp_path / "way", folder / ".." / "evidence"):
        code, text = why(Bundle.open, folder, keys.load_signer(way / "darkhost.pem", None))
        assert code == "key"
        assert "lies in the evidence folder" in text


def test_no_text_form_shows_the_key(tmp_path):
    """Neither `repr` nor `str`, and it does not pickle into one."""
    signer = evidence.signer(tmp_path)
    secret = signer._signer.private_bytes.decode().splitlines()[1]

    assert repr(signer) == f"Signer('{tmp_path / 'darkhost.pem'}')"
    assert secret not in f"{signer} {signer!r} {vars(type(signer))}"


def test_openssl_reads_them(tmp_path):
    """An auditor without Python can."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    public = keys.write_new(tmp_path / "darkhost.pem", None)

    def openssl(*arguments):
        return subprocess.run(["openssl", *arguments], capture_output=True, check=True).stdout

    assert openssl("pkey", "-in", str(tmp_path / "darkhost.pem"), "-pubout") == public.read_bytes()
    assert b"ED25519" in openssl("pkey", "-pubin", "-in", str(public), "-noout", "-text")


def test_without_the_extra_one_line_says_what_to_install(tmp_path):
    """The libraries come with the extra; nothing imports them before they are needed."""
    path = tmp_path / "darkhost.pub"
    path.write_text("-----BEGIN PUBLIC KEY-----")
    code = (
        "import sys; sys.modules['securesystemslib'] = None; from pytest_darkhost.__main__ import main;"
        f"sys.exit(main(['verify', {str(tmp_path)!r}, '--key', {str(path)!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        "securesystemslib: not installed, expected the extra. Run pip install 'pytest-darkhost[evidence]'\n",
    )


def test_the_command_imports_no_cryptography_before_it_needs_it():
    """Pytest and the other commands start as fast as without the extra."""
    code = (
        "import sys, pytest_darkhost.__main__ as m, pytest_darkhost.evidence.bundle; m._parser();"
        "print(sorted({name.partition('.')[0] for name in sys.modules}"
        " & {'cryptography', 'securesystemslib', 'rich', 'pytest', 'httpx', 'sqlalchemy', 'pydantic'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


@pytest.mark.parametrize("passphrase", ["\udcff", "x" * 1024], ids=["no UTF-8", "too long"])
def test_a_passphrase_that_cannot_protect(tmp_path, passphrase):
    """Nothing is made, and nothing of the passphrase is shown."""
    code, text = why(keys.write_new, tmp_path / "darkhost.pem", passphrase)

    assert code == "key"
    assert text.endswith("$DARKHOST_KEY_PASSPHRASE cannot protect it, expected UTF-8 of at most 1023 bytes")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_no_half_of_a_key(tmp_path):
    """Else the next key could not have its name."""
    code = "import resource, sys, pytest_darkhost.__main__ as it; import pytest_darkhost.evidence.keys, cryptography"
    code += "; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); sys.exit(it.main(['key', 'new']))"

    done = subprocess.run([sys.executable, "-B", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "darkhost.pub: cannot be written (File too large), expected a place for a new file\n"
    assert list(tmp_path.iterdir()) == []


def test_two_public_keys_in_a_file(tmp_path):
    """The second one would be left out without a word."""
    first, second = (keys.write_new(tmp_path / f"{name}.pem", None) for name in ("a", "b"))
    first.write_bytes(first.read_bytes() + second.read_bytes())

    assert why(keys.load_public, first) == (
        "key",
        f"{first}: more than one public key, expected one a file. Give each with its own --key",
    )


def small(point, sign):
    """Return a point as a public key, and as the file of one; the last byte holds the sign."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = Ed25519PublicKey.from_public_bytes(point[:-1] + bytes([point[-1] | sign]))
    return key, key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize("point", sorted(_SMALL_ORDER), ids=lambda point: point[:4].hex())
@pytest.mark.parametrize("sign", [0, 0x80])
def test_a_key_with_which_anybody_can_sign_is_none(tmp_path, point, sign):
    """Of a few messages there is one whose signature is known without any private key; for one point it is each."""
    from cryptography.exceptions import InvalidSignature

    key, pem = small(point, sign)
    path = tmp_path / "darkhost.pub"
    path.write_bytes(pem)

    def taken(message):
        try:
            key.verify(bytes([1] + [0] * 63), b"%d" % message)
        except InvalidSignature:
            return False
        return True

    assert any(map(taken, range(200)))
    assert why(keys.load_public, path) == (
        "key",
        f"{path}: a point of small order, with which anybody can sign, expected a key that somebody has made",
    )
