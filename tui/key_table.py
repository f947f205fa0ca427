"""The rows of the key table: what every key does, in the words of the footer, the help and the palette."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Key:
    """One thing that keys do."""

    names: str
    """Keys as Textual names them, with spaces between; all do the same. The first is the one shown."""
    action: str
    """Method `action_…` of the screen or widget, with its arguments: "pick('optimizer.name')"."""
    label: str
    """One word for the footer."""
    help: str
    """One sentence for the help screen and the palette."""
    where: str
    """Group in the help, and who answers: see `WHERE`."""
    footer: str = ""
    """How the footer writes the key, often with its counterpart; "" for its own name."""
    rank: int = 0
    """Place in the footer, 1 first; 0 keeps it out. The keys of a panel are ranked by themselves."""
    word: str = ""
    """How the footer calls it; "" for its label."""
    shown: str = ""
    """How the key is written; "" for its own name."""
    palette: bool = True
    """Whether the command palette lists it."""
    anywhere: bool = False
    """For a key of a panel: whether the dashboard hands it on when another panel has the focus."""
    always: bool = False
    """Whether it works while a window is open, too, and while a value is typed."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that does it."""
        return tuple(self.names.split())

    @property
    def text(self) -> str:
        """The key as a person reads it."""
        return self.shown or self.keys[0]


# fmt: off
KEYS: tuple[Key, ...] = (
    Key("space", "toggle_run", "pause", "Pause training, or continue it.", "run", rank=1),
    Key("s", "step('step')", "step", "Train one step (one batch), then pause.", "run", rank=11),
    Key("e", "step('epoch')", "epoch", "Train one epoch (all training samples once), then pause.", "run"),
    Key("o", "app.pick('optimizer.name')", "optimizer", "Choose another optimizer.", "change", rank=3),
    Key("a", "app.pick('network.activation')", "activation", "Choose another activation for the hidden layers.",
        "change", rank=4),
    Key("c", "app.pick('schedule.name')", "schedule", "Choose another learning-rate schedule.",
        "change", rank=12),
    Key("r", "go_to('regularization')", "regularize", "Go to the regularizers: dropout, L1, L2, early stopping.",
        "change", rank=13),
    Key("slash", "find_setting", "find", "Find a setting by typing part of its name.", "change", shown="/", rank=14),
    Key("left_square_bracket", "scale_rate(-1)", "rate", "Lower the learning rate by a notch: 1, 0.5, 0.2, 0.1, ….",
        "change", shown="[", rank=5, footer="[ ]"),
    Key("right_square_bracket", "scale_rate(1)", "rate up", "Raise the learning rate by a notch: 0.1, 0.2, 0.5, 1, ….",
        "change", shown="]"),
    Key("Q", "app.race", "race", "Race all choices of a setting from here, ranked while they run; Enter takes one.",
        "change"),
    Key("F", "app.find_rate", "find rate", "Look ahead with each of many learning rates, and choose one.", "change"),
    Key("j", "look_ahead", "look ahead",
        "Draw where the run goes if nothing is changed, dotted; it then happens so. Again: take it away.", "look"),
    Key("z", "undo(False)", "undo",
        "Undo the last change: a setting from here on; layers or a restart with the weights of before.",
        "change", rank=6),
    Key("y", "redo", "redo", "Redo what was undone last.", "change", rank=15),
    Key("Z", "undo(True)", "rewind", "Undo the last change and return to the step and the weights before it.",
        "change"),
    Key("f2", "app.make_try(0)", "try 1", "Make the lesson's first experiment, and train until its answer is known.",
        "change", shown="F2"),
    Key("f3", "app.make_try(1)", "try 2", "Make the lesson's second experiment, from where the first one began.",
        "change", shown="F3"),
    Key("f4", "app.make_try(2)", "try 3", "Make the lesson's third experiment, from where the first one began.",
        "change", shown="F4"),
    Key("u", "fork", "branch", "Make a branch at this step: a run of its own, trained along on the same batches.",
        "run"),
    Key("J", "branches", "branches", "Show the branches as a tree: put one in front, rename, end, or keep one alone.",
        "run"),
    Key("left_curly_bracket", "look_back(-1)", "look back",
        "Look at the run as it was at the kept state before; every panel shows that moment.", "run", shown="{"),
    Key("right_curly_bracket", "look_back(1)", "look on",
        "Look at the next kept state, up to the present. Space goes on from there, Esc returns.", "run", shown="}"),
    Key("at", "app.plan", "at step …", "Plan changes for a step to come; list, edit and take back what is planned.",
        "change", shown="@"),
    Key("U", "app.history", "line of changes", "Show what undo and redo would bring back, and go along to any of it.",
        "change"),
    Key("b", "go_back", "go back",
        "After a run diverged: return to before the last change and continue with a tenth of the rate.", "change"),
    Key("R ctrl+r", "app.restart", "restart",
        "Start again from the same first weights, with the settings in force; z brings the run back.",
        "run", rank=7),
    Key("n", "app.new_seed", "new seed", "Start again from other random weights; z brings the run back.",
        "run", rank=18),
    Key("G", "app.run_again", "run again",
        "Start again as the run began, with its changes at their steps, as a new run.",
        "run"),
    Key("S", "train_more", "train more", "Train as many steps or epochs as you type, then pause.", "run"),
    Key("less_than_sign", "speed(-1)", "slower",
        "Half as fast; where a run has no pace of its own, fewer steps per second.",
        "run", shown="<", rank=2, footer="< >", word="pace"),
    Key("greater_than_sign", "speed(1)", "faster",
        "Twice as fast, up to as fast as possible; a lesson begins at a pace of its own.", "run", shown=">"),
    Key("f", "full_speed", "full speed", "Train as fast as possible, or as slowly as before.", "run", rank=20),
    Key("l", "toggle_log", "log", "Draw the loss, or the chart in focus, on a logarithmic or a linear axis.", "look"),
    Key("w", "toggle_window", "window", "Show the whole run, or only its recent part.", "look"),
    Key("h", "toggle_overlays", "other runs", "Draw the run before and the other runs laid over the charts, or not.",
        "look"),
    Key("O", "overlay", "overlay a run", "Lay kept runs over the charts, and see in which settings they differ.",
        "look"),
    Key("P", "arrange", "arrange", "Arrange the panels: move, resize, hide and show them; kept for all lessons.",
        "look"),
    Key("tab", "app.focus_next", "next", "Go to the next panel or control.", "look", palette=False),
    Key("shift+tab", "app.focus_previous", "previous", "Go to the previous panel or control.", "look", palette=False),
    Key("enter", "zoom", "full screen", "Show the panel in focus full screen; on a control, change it.",
        "look", palette=False, rank=10, footer="Enter", word="full"),
    Key("escape", "back", "back", "Leave the full screen, the tab or the control.", "look", palette=False),
    Key("1 2 3 4 5 6 7 8 9 0 C W B i", "panel", "panel",
        "Show one panel alone; its key stands in its frame and means the same in every lesson.",
        "look", shown="0-9 CWBi", palette=False),
    Key("t", "next_panel(1)", "next panel", "Show the next tab; where all panels are visible, the next panel alone.",
        "look"),
    Key("T", "next_panel(-1)", "previous panel",
        "Show the previous tab; where all panels are visible, the previous panel alone.", "look"),
    Key("left", "cursor(-1)", "cursor left",
        "Move the cursor to earlier steps; the values there are shown under the chart.",
        "chart", shown="←", rank=1, footer="← →", word="cursor"),
    Key("right", "cursor(1)", "cursor right", "Move the cursor to later steps.", "chart", shown="→"),
    Key("comma", "mark(-1)", "change before", "Put the cursor on the change before, and show its card.",
        "chart", shown=",", anywhere=True, rank=4, footer=", .", word="changes"),
    Key("full_stop", "mark(1)", "next change", "Put the cursor on the next change, and show its card.",
        "chart", shown=".", anywhere=True),
    Key("K", "effect", "what it did",
        "Measure what the change under the cursor did: the run from there with it and without it.",
        "chart", anywhere=True, rank=9, word="effect"),
    Key("plus equals_sign", "zoom_steps(1)", "zoom in", "Show fewer steps, in all charts.",
        "chart", shown="+", rank=2, footer="+ -", word="zoom"),
    Key("minus", "zoom_steps(-1)", "zoom out", "Show more steps, in all charts.", "chart", shown="-"),
    Key("shift+left", "pan(-1)", "pan left", "Show earlier steps.",
        "chart", shown="shift+←", rank=3, footer="shift+← →", word="pan"),
    Key("shift+right", "pan(1)", "pan right", "Show later steps.", "chart", shown="shift+→"),
    Key("E", "export", "export", "Write the chart as SVG, CSV and PNG, as it is seen, into the current directory.",
        "chart", anywhere=True, rank=8),
    Key("A home", "reset_view", "show all", "Show all steps, without a cursor.", "chart", rank=6),
    Key("m", "smooth(1)", "smoothing", "Smooth the curve more; after the most, not at all.",
        "chart", anywhere=True, rank=5),
    Key("M", "smooth(-1)", "less smoothing", "Smooth the curve less.", "chart", anywhere=True),
    Key("L", "toggle_log_x", "log steps", "Draw the steps of all charts on a logarithmic axis, or a linear one.",
        "chart", anywhere=True, rank=7),
    Key("left", "arrange_shift(-1)", "move", "Move the panel in focus one column to the left.",
        "arrange", shown="←", palette=False, rank=1, footer="←→↑↓"),
    Key("right", "arrange_shift(1)", "move right", "Move it one column to the right.",
        "arrange", shown="→", palette=False),
    Key("up", "arrange_move(-1)", "move up", "Move it up in its column.", "arrange", shown="↑", palette=False),
    Key("down", "arrange_move(1)", "move down", "Move it down in its column.", "arrange", shown="↓", palette=False),
    Key("plus equals_sign", "arrange_size(1)", "height", "Give it more of its column's height.",
        "arrange", shown="+", palette=False, rank=2, footer="+ -"),
    Key("minus", "arrange_size(-1)", "lower", "Give it less of its column's height.",
        "arrange", shown="-", palette=False),
    Key("left_square_bracket", "arrange_widen(-1)", "width", "Make its column narrower.",
        "arrange", shown="[", palette=False, rank=3, footer="[ ]"),
    Key("right_square_bracket", "arrange_widen(1)", "wider", "Make its column wider.",
        "arrange", shown="]", palette=False),
    Key("x", "arrange_hide", "hide", "Hide it; its own key shows it again.", "arrange", palette=False, rank=4),
    Key("1 2 3 4 5 6 7 8 9 0 C W B i", "arrange_toggle", "show or hide", "Show or hide the panel with this key.",
        "arrange", shown="0-9 CWBi", palette=False, rank=6, footer="0-9"),
    Key("backspace delete", "arrange_reset", "as it was", "Put every panel back where it was at first.",
        "arrange", shown="⌫", palette=False, rank=7),
    Key("escape enter P", "arrange_done", "done", "Leave the panels as they are now.",
        "arrange", shown="Esc", palette=False, rank=5),
    Key("d", "toggle_discrete", "classes only", "Show only the likeliest class, or how sure the network is.",
        "map", anywhere=True, rank=1),
    Key("v", "cycle_points", "points", "Show all points, the training part, the validation part, or none.",
        "map", anywhere=True, rank=2),
    Key("asterisk", "next_pen", "pen", "Put in points of one class, of the next, or none: by clicks, + and -.",
        "map", anywhere=True, shown="*", rank=3),
    Key("plus equals_sign", "put_point(False)", "put in", "Put in a point of the pen's class at the cursor.",
        "map", shown="+", rank=4, footer="+ -", word="point"),
    Key("minus", "put_point(True)", "take out", "Take out the training point that is nearest to the cursor.",
        "map", shown="-"),
    Key("left", "move_pen(-1, 0)", "pen left", "Move the cursor of the pen.", "map", shown="←"),
    Key("right", "move_pen(1, 0)", "pen right", "Move the cursor of the pen.", "map", shown="→"),
    Key("up", "move_pen(0, -1)", "pen up", "Move the cursor of the pen.", "map", shown="↑"),
    Key("down", "move_pen(0, 1)", "pen down", "Move the cursor of the pen.", "map", shown="↓"),
    Key("left", "select_level(-1)", "layer before", "Take a unit of the layer before in hand.",
        "net", shown="←", rank=1, footer="←→↑↓", word="unit"),
    Key("right", "select_level(1)", "next layer", "Take a unit of the next layer in hand.", "net", shown="→"),
    Key("up", "select_unit(-1)", "unit above", "Take the unit above in hand.", "net", shown="↑"),
    Key("down", "select_unit(1)", "unit below", "Take the unit below in hand.", "net", shown="↓"),
    Key("shift+up", "select_weight(-1)", "weight before", "Choose the weight before, of the unit in hand.",
        "net", shown="shift+↑", rank=4, footer="shift+↑ ↓", word="weight"),
    Key("shift+down", "select_weight(1)", "next weight", "Choose its next weight; the bias comes last.",
        "net", shown="shift+↓"),
    Key("left_parenthesis", "select_sample(-1)", "sample before", "Work the unit in hand out for the sample before.",
        "net", shown="(", rank=3, footer="( )", word="sample"),
    Key("right_parenthesis", "select_sample(1)", "next sample", "Work it out for the next sample.",
        "net", shown=")"),
    Key("exclamation_mark", "act", "act on it", "Show what can be done to the unit, weight, layer or input in hand.",
        "net", anywhere=True, shown="!", rank=2, word="act"),
    Key("semicolon", "pass_signals(1)", "backpropagation",
        "Follow one sample: signals forward, the loss, slopes back, and the weights that move the loss most.",
        "net", anywhere=True, shown=";", rank=5, word="backprop"),
    Key("colon", "pass_signals(-1)", "step back", "Show the step of backpropagation before.", "net",
        shown=":"),
    Key("backspace", "let_go", "let go", "Take nothing in hand, and show the drawing alone.", "net", shown="⌫", rank=6),
    Key("x", "toggle_wrong", "wrong only", "Show only the samples the network gets wrong, or all.",
        "samples", anywhere=True, rank=1),
    Key("right", "next_layer(1)", "next layer", "Show the images of the next layer.", "pictures", shown="→"),
    Key("left", "next_layer(-1)", "previous layer", "Show the images of the previous layer.",
        "pictures", shown="←", rank=1, footer="← →", word="layer"),
    Key("down", "scroll_lines(1)", "scroll down", "Scroll down.",
        "text", shown="↓", palette=False, rank=1, footer="↑ ↓", word="scroll"),
    Key("up", "scroll_lines(-1)", "scroll up", "Scroll up.", "text", shown="↑", palette=False),
    Key("f5", "take_remedy", "remedy", "Make the change that the doctor's gravest finding asks for.",
        "doctor", shown="F5", anywhere=True, rank=1),
    Key("plus equals_sign right", "nudge(1)", "more", "Raise the number, or take the next choice.",
        "controls", shown="+", palette=False, rank=2, footer="+ -", word="step"),
    Key("minus left", "nudge(-1)", "less", "Lower the number, or take the previous choice.",
        "controls", shown="-", palette=False),
    Key("down", "move(1)", "down", "Go to the next control.",
        "controls", shown="↓", palette=False, rank=3, footer="↑ ↓", word="choose"),
    Key("up", "move(-1)", "up", "Go to the previous control.", "controls", shown="↑", palette=False),
    Key("enter", "open", "change", "Type a value, open the list of choices, or unfold the section.",
        "controls", palette=False, rank=1, footer="Enter"),
    Key("p", "app.presets", "presets", "Choose another preset: a problem, a network and a lesson.",
        "look", rank=8),
    Key("N", "app.next_lesson", "next lesson", "Train the next lesson of the course; the present run is kept.",
        "look", rank=17),
    Key("ctrl+o", "open_file", "open a file", "Open a preset or data of your own by its path.", "app", shown="Ctrl+O"),
    Key("k", "data", "data", "Show what each column of the table is and what is done with it, and change it.", "app"),
    Key("V", "evaluate", "evaluate", "Say how good the network is: scores, confusion, certainty, worst rows.", "app"),
    Key("I", "predict", "predict", "Type one row, or draw one picture, and see what the network says of it.", "app"),
    Key("ctrl+s", "save_preset", "save as preset", "Save the settings in force as a preset of your own.",
        "app", shown="Ctrl+S"),
    Key("Y", "copy_line", "copy session", "Copy the run as one line: settings, seed and changes; pasted, it opens.",
        "app", rank=19),
    Key("question_mark", "help", "help", "Show the keys.", "app", shown="?", rank=21),
    Key("H", "tour", "tour", "Show what is where, in five steps.", "app"),
    Key("f1", "about", "about", "Explain the control or the panel in focus: its numbers, bands and colors.",
        "app", shown="F1", rank=9, word="explain"),
    Key("g", "glossary", "glossary", "Explain the terms of the field and their synonyms.", "app"),
    Key("ctrl+p", "command_palette", "commands", "Find any setting or action by name.",
        "app", shown="Ctrl+P", palette=False, rank=16),
    Key("X", "export_run", "export the run",
        "Write the run for other programs: ONNX, PyTorch, CSV, TensorBoard, pictures.", "app"),
    Key("D", "detach", "detach", "Leave the terminal; the run goes on (dltui attach).", "app"),
    Key("ctrl+l", "redraw", "draw again", "Draw the whole screen again, where something else has written on it.",
        "app", shown="Ctrl+L", always=True),
    Key("ctrl+z", "suspend_process", "to the shell", "Suspend all of it and go back to the shell; fg brings it back.",
        "app", shown="Ctrl+Z", always=True),
    Key("ctrl+c", "close_window", "close", "Close the window that is open, or copy what is selected.",
        "app", shown="Ctrl+C", palette=False, always=True),
    Key("q", "quit", "quit", "Save the run and leave.", "app", rank=22),
    Key("ctrl+q", "quit", "quit at once", "Save the run and leave, whatever window is open.",
        "app", shown="Ctrl+Q", palette=False, always=True),
)
# fmt: on
"""Every key. The order is the order of the footer and of each group in the help."""
