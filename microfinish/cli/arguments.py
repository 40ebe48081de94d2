"""Arguments that several commands take, worded once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Episodes = Annotated[list[str] | None, typer.Argument(
    metavar="EPISODES", show_default=False,
    help="ep001, ep001..ep010, several of them, or all (when none is named).")]

Episode = Annotated[str, typer.Argument(help="One episode, such as ep001.")]

Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON object.")]

Jobs = Annotated[int, typer.Option(
    "-j", "--jobs", metavar="N", min=0, show_default=False,
    help="Work side by side on at most N things; by default one per processor.")]

DryRun = Annotated[bool, typer.Option(
    "-n", "--dry-run", help="Show what would be done, and do nothing.")]

Force = Annotated[list[str] | None, typer.Option(
    "--force", metavar="STAGE", show_default=False,
    help="Run this stage although nothing changed; may be given again.")]

Relock = Annotated[bool, typer.Option(
    "--relock", help="Take a changed edit as the next revision of the picture lock.")]

RelinkFolders = Annotated[list[Path] | None, typer.Option(
    "--relink", metavar="FOLDER", show_default=False,
    help="Look in this folder, too, for media that are missing: by name, content, reel and "
         "timecode. What is found is noted in relinked.yaml; may be given again.")]

Note = Annotated[str, typer.Option(
    "--note", metavar="TEXT", show_default=False,
    help="Why, kept with the new revision.")]
