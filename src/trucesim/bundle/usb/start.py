"""Sets up the workshop from this folder, once and without internet, and starts it.

Runs on any Python 3, to say which one is needed; needs nothing that is not part of it.
"""

import hashlib
import os
import platform
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SUMS = "SHA256SUMS.txt"
FIRST_RUN = """
import trucesim
trucesim.run("truce-2012", runs=2)
trucesim.TruceModel("truce-2012").step()
"""


def say(spanish, english):
    """Print a line in both languages."""
    print("\n* " + spanish + "\n  " + english, flush=True)


def stop(spanish, english):
    """Say what is wrong, and leave."""
    say(spanish, english)
    sys.exit(1)


def home():
    """Give the folder of this computer in which the workshop is set up."""
    if os.environ.get("TRUCESIM_HOME"):
        return os.environ["TRUCESIM_HOME"]
    if os.name == "nt":
        base = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Application Support")
    else:
        base = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    return os.path.join(base, "trucesim-taller")


def python_of(environment):
    """Give the Python of an environment."""
    if os.name == "nt":
        return os.path.join(environment, "Scripts", "python.exe")
    return os.path.join(environment, "bin", "python")


def requirements():
    """Find the list for this computer, or say what it would need."""
    machine = "%s-%s" % (platform.system().lower(), platform.machine().lower())
    version = "%d.%d" % sys.version_info[:2]
    folder = os.path.join(HERE, "requirements")
    path = os.path.join(folder, "%s-%s.txt" % (machine, version))
    if os.path.isfile(path) and sys.maxsize > 2**32:
        return path
    there = ", ".join(sorted(name[:-4] for name in os.listdir(folder)))
    stop(
        "Esta computadora es %s con Python %s; esta carpeta sirve para: %s."
        % (machine, version, there),
        "This computer is %s with Python %s; this folder is for: %s." % (machine, version, there),
    )


def check():
    """Compare every file with its checksum: sticks break."""
    say("Revisando los archivos ...", "Checking the files ...")
    with open(os.path.join(HERE, SUMS), encoding="utf-8") as lines:
        listed = [line.rstrip("\n").split("  ", 1) for line in lines]
    for digest, name in listed:
        path = os.path.join(HERE, *name.split("/"))
        found = hashlib.sha256()
        try:
            with open(path, "rb") as file:
                for block in iter(lambda: file.read(1 << 20), b""):
                    found.update(block)
        except OSError:
            stop("Falta el archivo %s." % name, "The file %s is missing." % name)
        if found.hexdigest() != digest:
            stop(
                "El archivo %s está dañado; copie la carpeta de nuevo." % name,
                "The file %s is damaged; copy the folder again." % name,
            )


def run(command):
    """Run a command without the internet, and stop if it fails."""
    environment = dict(os.environ, PIP_NO_INDEX="1", PIP_CONFIG_FILE=os.devnull)
    if subprocess.call(command, env=environment) != 0:
        stop(
            "Algo falló; arriba dice qué. No se cambió nada más en esta computadora.",
            "Something failed; what it was stands above. Nothing else was changed here.",
        )


def set_up(target, listed):
    """Make an environment in the user's own folder and install from the wheels."""
    check()
    environment = os.path.join(target, "env")
    say(
        "Instalando en %s (unos minutos, sin internet) ..." % target,
        "Installing in %s (some minutes, without internet) ..." % target,
    )
    run([sys.executable, "-m", "venv", "--without-pip", "--clear", environment])
    wheels = os.path.join(HERE, "wheels")
    with open(listed, encoding="utf-8") as lines:
        pinned = dict(line.strip().split("==") for line in lines)
    # pip runs from its own wheel: not every Linux has it.
    pip = os.path.join(wheels, "pip-%s-py3-none-any.whl" % pinned["pip"], "pip")
    run(
        [
            python_of(environment),
            pip,
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-index",
            "--no-deps",
            "--find-links",
            wheels,
            "--requirement",
            listed,
        ]
    )
    say(
        "Preparando el modelo para esta computadora (hasta dos minutos, solo esta vez) ...",
        "Compiling the model for this computer (up to two minutes, this once) ...",
    )
    run([python_of(environment), "-c", FIRST_RUN])
    with open(os.path.join(target, "ready.txt"), "w", encoding="utf-8") as file:
        file.write(key(listed))
    say("Listo.", "Ready.")


def key(listed):
    """Give what tells one bundle from another."""
    with open(listed, "rb") as file:
        return hashlib.sha256(file.read() + HERE_SUMS).hexdigest()


def is_ready(target, listed):
    """Whether this very bundle has been set up on this computer."""
    try:
        with open(os.path.join(target, "ready.txt"), encoding="utf-8") as file:
            return file.read() == key(listed) and os.path.exists(
                python_of(os.path.join(target, "env"))
            )
    except OSError:
        return False


if __name__ == "__main__":
    with open(os.path.join(HERE, SUMS), "rb") as sums:
        HERE_SUMS = sums.read()
    chosen, given = requirements(), sys.argv[1:]
    place = home()
    if not is_ready(place, chosen):
        set_up(place, chosen)
    if given != ["--only-set-up"]:
        say(
            "Abriendo el taller en el navegador. Para terminar, cierre esta ventana.",
            "Opening the workshop in the browser. To end it, close this window.",
        )
        program = python_of(os.path.join(place, "env"))
        sys.exit(subprocess.call([program, "-m", "trucesim"] + (given or ["workshop"])))
