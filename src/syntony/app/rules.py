"""Who may use which route: one table. A route that is not in it is refused."""

from __future__ import annotations

from collections.abc import Mapping

from syntony.app.visitors import ANALYST, CODER, OWNER, READER, SUPERVISOR

ANYBODY = frozenset({"anybody"})
"""Before a log-in, too: nothing of the study may be behind such a route."""

ALL = frozenset({OWNER, ANALYST, CODER, SUPERVISOR, READER})
SEEING = frozenset({OWNER, ANALYST, SUPERVISOR, READER})
"""Everybody but coders, who are blind: signals, synchrony, codes of others."""
CODING = frozenset({OWNER, ANALYST, CODER, SUPERVISOR})
COMPARING = CODING - {CODER}
WORKING = frozenset({OWNER, ANALYST})
OWNING = frozenset({OWNER})
WATCHING = frozenset({OWNER, SUPERVISOR})

RULES: Mapping[str, frozenset[str]] = {
    # the door
    "static": ANYBODY,
    "enter": ANYBODY,
    "log_in": ANYBODY,
    "here": ALL,
    "leave": ALL,
    # the study
    "study": ALL,
    # coding: of everybody their own codes
    "code": CODING,
    "coding": CODING,
    "save_coding": CODING,
    "finish_coding": CODING,
    "reopen_coding": CODING,
    "coding_agreement": COMPARING,
    "clips": CODING,
    "make_clips": WORKING,
    "code_clip": CODING,
    "clip_coding": CODING,
    "clip_film": CODING,
    "save_clip_coding": CODING,
    # rating: of everybody their own; coders as outside raters under their own name
    "rate": CODING,
    "rating": CODING,
    "begin_rating": CODING,
    "add_samples": CODING,
    "finish_rating": CODING,
    "drop_rating": CODING,
    "rated": CODING,
    "make_demo": OWNING,
    # bringing recordings in
    "begin_upload": WORKING,
    "upload_file": WORKING,
    "drop_upload": WORKING,
    "look_at_upload": WORKING,
    "read_names": WORKING,
    "plan_import": WORKING,
    "import": WORKING,
    # recording
    "live": WORKING,
    "find_streams": WORKING,
    "rehearse": WORKING,
    "live_state": WORKING,
    "start_recording": WORKING,
    "command_recording": WORKING,
    "live_signals": WORKING,
    # one session, watched
    "review": SEEING,
    "review_facts": SEEING,
    "review_runs": SEEING,
    "review_array": SEEING,
    "tile": SEEING,
    "media_list": ALL,
    "media_file": ALL,
    "set_media_offset": WORKING,
    # coding: of everybody their own codes
    # long work
    "jobs": SEEING,
    "job": SEEING,
    "stop_job": WORKING,
    # runs
    "run": WORKING,
    "check_recipe": WORKING,
    "start_run": WORKING,
    "resume_run": WORKING,
    "start_multiverse": WORKING,
    "calibrate": WORKING,
    "register": WORKING,
    "runs": SEEING,
    "run_list": SEEING,
    "run_page": SEEING,
    "compare": SEEING,
    "plan": SEEING,
    # reports
    "report": SEEING,
    "report_of": SEEING,
    "report_page": SEEING,
    "figure": SEEING,
    "table": SEEING,
    "text_file": SEEING,
    # data quality
    "quality": SEEING,
    "marks": SEEING,
    "add_mark": WORKING,
    "withdraw_mark": WORKING,
    # who may open the study, and who did what
    "accounts": OWNING,
    "add_account": OWNING,
    "renew_password": OWNING,
    "set_role": OWNING,
    "assign_sessions": OWNING,
    "remove_account": OWNING,
    "audit": WATCHING,
}
"""Route name to the roles that may use it. A coder is also held to the sessions assigned: a
path parameter of the name ``session`` is checked by the guard."""

VIEW, PLAY, EXPORT, EDIT, WORK, ENTER = "view", "play", "export", "edit", "work", "enter"
ACCOUNT, INTENT = "account", "intent"

ACTS: Mapping[str, str] = {
    "enter": ENTER,
    "log_in": ENTER,
    "leave": ENTER,
    "study": VIEW,
    "make_demo": WORK,
    "begin_upload": "",
    "upload_file": EDIT,
    "drop_upload": EDIT,
    "look_at_upload": VIEW,
    "read_names": "",
    "plan_import": VIEW,
    "import": EDIT,
    "jobs": VIEW,
    "job": VIEW,  # its result; while it is at work, nothing is told
    "stop_job": WORK,
    "live": "",
    "find_streams": "",
    "rehearse": WORK,
    "live_state": "",
    "start_recording": EDIT,
    "command_recording": WORK,
    "live_signals": VIEW,
    "review": "",
    "review_facts": VIEW,
    "review_runs": "",
    "review_array": "",
    "tile": "",
    "media_list": "",
    "media_file": PLAY,
    "set_media_offset": EDIT,
    "check_recipe": "",
    "start_run": WORK,
    "resume_run": WORK,
    "start_multiverse": WORK,
    "calibrate": WORK,
    "register": WORK,
    "make_clips": WORK,
    "runs": VIEW,
    "run_list": VIEW,
    "run": VIEW,
    "plan": VIEW,
    "run_page": VIEW,
    "compare": VIEW,
    "report": VIEW,
    "report_of": VIEW,
    "report_page": VIEW,
    "figure": EXPORT,
    "table": EXPORT,
    "text_file": EXPORT,
    "quality": VIEW,
    "marks": "",
    "add_mark": EDIT,
    "withdraw_mark": EDIT,
    "code": VIEW,
    "coding": VIEW,
    "save_coding": EDIT,
    "finish_coding": EDIT,
    "reopen_coding": EDIT,
    "coding_agreement": VIEW,
    "clips": VIEW,
    "code_clip": VIEW,
    "clip_coding": VIEW,
    "clip_film": PLAY,
    "save_clip_coding": EDIT,
    "rate": VIEW,
    "rating": VIEW,
    "begin_rating": EDIT,
    "add_samples": "",  # one a second: its beginning and its end are in the log
    "finish_rating": EDIT,
    "drop_rating": EDIT,
    "rated": VIEW,
    "accounts": VIEW,
    "add_account": ACCOUNT,
    "renew_password": ACCOUNT,
    "set_role": ACCOUNT,
    "assign_sessions": ACCOUNT,
    "remove_account": ACCOUNT,
    "audit": VIEW,
}
"""What the audit log calls the use of a route. A route with an unsafe method, or with a session
or run in its path, must stand here; an empty word keeps it out of the log on purpose."""

UNASKED = frozenset({"media_file", "clip_film"})
"""What a browser asks for of itself, also for a film that loops before nobody: no use of the app.
That a film comes on is told by the page."""

ONCE = frozenset({"media_file", "clip_film", "jobs", "job", "run_list", "live_signals"})
"""Asked for again and again while one looks: told once a minute of one thing and person."""


def allows(route: str | None, role: str | None) -> bool:
    """Whether this role (None: not logged in) may use the route; no rule, no entry.

    Examples
    --------
    >>> allows("study", "reader"), allows("study", None), allows("no such route", "owner")
    (True, False, False)
    """
    who = RULES.get(route or "", frozenset())
    return who is ANYBODY or role in who
