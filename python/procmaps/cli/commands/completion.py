"""``procmaps completion``: a script that completes the command in a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmaps.cli import parser
from procmaps.cli.errors import CommandError
from procmaps.cli.render import output

if TYPE_CHECKING:
    import argparse

EXAMPLES = """\
  source <(procmaps completion bash)        in ~/.bashrc, or for this shell alone
  source <(procmaps completion zsh)         in ~/.zshrc, after compinit
  procmaps completion fish > ~/.config/fish/completions/procmaps.fish
"""

# A target is a file or a process; no process starts but the shell's own.
PREAMBLE = {
    "bash": """\
_procmaps_target_files() {
  compgen -f -- "$1"
  local processes=(/proc/[0-9]*)
  compgen -W "self all ${processes[*]#/proc/}" -- "$1"
}
""",
    "zsh": """\
_procmaps_target() {
  _alternative 'processes:process:(self all /proc/[0-9]*(N:t))' 'files:file:_files'
}
""",
    "fish": """\
function __procmaps_target
  echo self
  echo all
  string match -r '^[0-9]+$' (string replace /proc/ "" /proc/*)
  __fish_complete_path (commandline -ct)
end
""",
}


def add_arguments(into: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    into.add_argument("shell", choices=tuple(PREAMBLE), help="the shell to complete in")


def run(options: argparse.Namespace) -> int:
    """Run the command."""
    try:
        import shtab
    except ImportError as error:
        message = "completion needs shtab: pip install 'procmaps[cli]'"
        raise CommandError(message) from error
    whole = parser.whole_parser()
    whole.prog = "procmaps"
    script = shtab.complete(whole, options.shell, preamble=PREAMBLE[options.shell])
    # zsh calls the function of a file that it loads from fpath. Whatever else reads
    # the script, be it eval or source, only wants to have it declared.
    script = script.replace("[-1] == eval ]]", "[-1] != loadautofunc ]]")
    output.write_text(f"{script}\n")
    return 0
