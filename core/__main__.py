"""`python -m core`: everything that a researcher can do without a server."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

EXIT_USAGE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status: 0 done, 1 failed, 2 asked wrongly, 75 stopped and resumable."""
    parsed = _parser().parse_args(arguments)
    # The first act of all: the imports that follow take a while.
    _set_guards(parsed)
    if parsed.command == "stage":
        return _stage(parsed)
    from core.errors import ConfigError, CoreError
    from core.experiment import InvalidExperiment

    try:
        return _other(parsed)
    except InvalidExperiment as error:
        for fault in error.faults:
            print(f"{fault.pointer or '/'}: {fault.message}", file=sys.stderr)
        return EXIT_USAGE
    except ConfigError as error:
        print(error.message, file=sys.stderr)
        return EXIT_USAGE
    except CoreError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        # A folder that cannot be used, or a disk that is full: the user's to mend, and a trace would hide it.
        print(f"{error.filename or 'the system'}: {error.strerror or error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core", description="Continual segmentation without a server.")
    commands = parser.add_subparsers(dest="command", required=True)

    run = commands.add_parser("run", help="run all stages of an experiment; run it again to resume")
    run.add_argument("experiment", metavar="EXPERIMENT.yaml|PRESET")
    run.add_argument("--seed", type=int, default=0)

    evaluate = commands.add_parser("evaluate", help="test a trained model on any data, without training")
    evaluate.add_argument("model", type=Path, help="output `model` of a training stage")
    test_set = "a test set; by default those of the model's own run"
    evaluate.add_argument("--on", action="append", default=[], metavar="NAME={adapter: …, root: …}", help=test_set)
    evaluate.add_argument("--seed", type=int, default=0)

    for command in (run, evaluate):
        command.add_argument("--out", default="var/local", help="where runs are kept")
        command.add_argument("--device", default="auto", help="cpu, cuda, cuda:1 or auto")
        command.add_argument("--threads", type=int, help="CPU threads of a stage; the same number gives the same bits")

    stage = commands.add_parser("stage", help="run one stage folder")
    stage.add_argument("folder", type=Path)
    stage.add_argument("--force", action="store_true", help="do a finished stage again")

    plan = commands.add_parser("plan", help="show the stages of an experiment")
    plan.add_argument("experiment", metavar="EXPERIMENT.yaml|PRESET")

    methods = commands.add_parser("methods", help="list methods and presets")
    methods.add_argument("--schema", metavar="NAME", help="print the JSON schema of a method's experiments")
    commands.add_parser("datasets", help="list dataset adapters and worlds")

    check = commands.add_parser("check-data", help="report every fault of a dataset")
    check.add_argument("target", metavar="ADAPTER|EXPERIMENT.yaml|PRESET")
    check.add_argument("root", nargs="?", help="folder of the dataset, after an ADAPTER")
    check.add_argument("--json", type=Path, metavar="FILE", help="write the report there, at most 20 faults of a kind")
    check.add_argument("--index", type=Path, metavar="FILE", help="write a row for each image there, as .npz")

    _add_predict(commands)

    embed = commands.add_parser("embed", help="embed images for the annotator's assistant, as a folder's order says")
    embed.add_argument("folder", type=Path)

    for command in (stage, check, embed):
        command.add_argument("--parent-pid", type=int, help="end with this process")
        command.add_argument("--heartbeat-fd", type=int, help="end when this inherited pipe is closed")
        command.add_argument("--silence-s", type=float, help="end when nothing comes through that pipe for so long")
    for command in (run, evaluate, plan, check):
        command.add_argument("--data-home", default="var/data", help="where worlds and indexes are kept")
        command.add_argument("--set", action="append", default=[], metavar="config.optim.iterations=50")
    return parser


def _add_predict(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    predict = commands.add_parser("predict", help="cut out the object of one image by a finished run on SAM")
    predict.add_argument("model", type=Path, help="output `model` of a stage")
    predict.add_argument("image", type=Path)
    for name, text in (("positive", "on the object"), ("negative", "beside it")):
        predict.add_argument(f"--{name}", action="append", default=[], metavar="X,Y", help=f"pixel that lies {text}")
    predict.add_argument("--box", metavar="X1,Y1,X2,Y2", help="around the object; the last column and row belong to it")
    predict.add_argument("--candidates", type=int, default=1, choices=(1, 2, 3))
    predict.add_argument("--checkpoint", type=Path, help="SAM's weights, where the run's file lies elsewhere now")
    predict.add_argument("--device", default="cpu")
    predict.add_argument("--mask", type=Path, metavar="FILE.png", help="write the first mask there, 0 and 255")


def _set_guards(parsed: argparse.Namespace) -> None:
    """Let this process end with its supervisor, if it has one."""
    from core.runner.guards import die_with_parent, watch_heartbeat

    if getattr(parsed, "parent_pid", None) is not None:
        die_with_parent(parsed.parent_pid)
    if getattr(parsed, "heartbeat_fd", None) is not None:
        watch_heartbeat(parsed.heartbeat_fd, parsed.silence_s)


def _stage(parsed: argparse.Namespace) -> int:
    from core.errors import ConfigError
    from core.runner.run import run_stage

    try:
        return run_stage(parsed.folder.resolve(), force=parsed.force)
    except ConfigError as error:
        print(error.message, file=sys.stderr)
        return EXIT_USAGE


def _other(parsed: argparse.Namespace) -> int:
    if parsed.command == "predict":
        from core.commands.predict import predict_command

        return predict_command(parsed, print)
    if parsed.command == "embed":
        from core.methods.promptable.embedding import embed_images

        print(f"{embed_images(parsed.folder.resolve())} images were embedded")
        return 0
    from core.commands import checks, evaluate, listings, run

    if parsed.command == "run":
        return run.run_command(parsed, print)
    if parsed.command == "evaluate":
        return evaluate.evaluate_command(parsed, print)
    if parsed.command == "plan":
        print(listings.plan_text(checks.plan_of(parsed.experiment, parsed.set, Path(parsed.data_home))))
    elif parsed.command == "methods":
        print(listings.schema_text(parsed.schema) if parsed.schema else listings.methods_text())
    elif parsed.command == "datasets":
        print(listings.datasets_text())
    elif parsed.command == "check-data":
        check = checks.check_data(parsed.target, parsed.root, parsed.set, Path(parsed.data_home))
        checks.write_check(check, parsed.json, parsed.index)
        print(check.report.to_text())
        return 0 if check.report.is_sound else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
