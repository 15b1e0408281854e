"""The one table of permissions for all operations. An operation without a row is refused to everybody (AUTH-5)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from server.auth.roles import Role, Scope


class Reach(Enum):
    """Which of the things in an address an annotator may reach; researchers and admins reach all."""

    ANY = auto()
    ROUND = auto()
    """A round that waits for people, or that the annotator has worked in."""
    QUERY = auto()
    """A query of such a round."""
    OWN_VERSION = auto()
    """The version in the request's query string, if the annotator gave that answer."""
    OWN_ANSWER = auto()
    """A query whose current answer is the annotator's."""
    OWN_ANNOTATION = auto()
    """A version of an answer that the annotator gave."""


@dataclass(frozen=True)
class Permission:
    """One row of the table.

    Attributes:
        roles: roles that may call the operation; empty if it needs no account.
        scope: scope that a token needs; None = only a signed-in browser.
        reach: which things an annotator may reach.
        is_about_accounts: whether the operation exists only with accounts.
    """

    roles: frozenset[Role]
    scope: Scope | None = None
    reach: Reach = Reach.ANY
    is_about_accounts: bool = False

    @property
    def is_public(self) -> bool:
        """Whether the operation needs no account."""
        return not self.roles


_EVERYBODY = frozenset(Role)
_RESEARCHERS = frozenset({Role.ADMIN, Role.RESEARCHER})
_ADMINS = frozenset({Role.ADMIN})


def _rows(names: str, permission: Permission) -> dict[str, Permission]:
    return dict.fromkeys(names.split(), permission)


PERMISSIONS: dict[str, Permission] = {
    **_rows("show_health show_readiness show_version list_problems show_problem", Permission(frozenset())),
    **_rows("show_session open_session open_session_by_link", Permission(frozenset(), is_about_accounts=True)),
    # Everybody who is signed in.
    **_rows(
        "close_session change_own_password list_tokens create_token revoke_token",
        Permission(_EVERYBODY, None, is_about_accounts=True),
    ),
    **_rows(
        "show_entry show_documents show_document show_reference show_openapi list_waiting_rounds",
        Permission(_EVERYBODY, Scope.READ),
    ),
    # Annotators label: the rounds that wait for people, and what they answered themselves.
    **_rows(
        "show_stage list_queries show_hand_out show_round_assistant list_round_comments",
        Permission(_EVERYBODY, Scope.READ, Reach.ROUND),
    ),
    **_rows(
        """
        show_query show_draft show_query_picture show_query_region show_query_superpixels show_query_proposal
        show_query_uncertainty list_query_comments
        show_query_assistant show_query_decoder show_query_features predict_query_masks
        """,
        Permission(_EVERYBODY, Scope.READ, Reach.QUERY),
    ),
    **_rows("show_query_answer", Permission(_EVERYBODY, Scope.READ, Reach.OWN_VERSION)),
    **_rows("show_annotation_mask show_annotation_sources", Permission(_EVERYBODY, Scope.READ, Reach.OWN_ANNOTATION)),
    **_rows("lease_next_query", Permission(_EVERYBODY, Scope.ANNOTATE, Reach.ROUND)),
    **_rows(
        """
        lease_query renew_query_lease release_query skip_query save_draft submit_draft submit_annotation
        comment_on_query
        """,
        Permission(_EVERYBODY, Scope.ANNOTATE, Reach.QUERY),
    ),
    **_rows("revise_answer", Permission(_EVERYBODY, Scope.ANNOTATE, Reach.OWN_ANSWER)),
    # Researchers read and change every experiment, dataset, run and round.
    **_rows(
        """
        list_methods show_method list_presets show_preset show_method_schema list_schedules preview_stream
        list_dataset_kinds show_dataset_kind list_dataset_roots list_datasets show_dataset list_dataset_images
        show_dataset_labels show_dataset_picture
        list_experiments show_experiment list_runs list_run_changes list_run_choices show_run list_run_events
        list_run_history download_run list_run_artifacts show_artifact head_artifact download_artifact
        list_packed_files download_packed_file
        list_model_tests draft_model_test
        list_series list_series_groups show_series list_scores show_step_table show_evaluation show_evaluation_record
        show_experiment_results list_references list_experiment_series show_experiment_series
        show_comparison list_run_groups list_compared_series show_compared_series list_compared_images
        list_predictions show_prediction_picture list_stage_artifacts list_log_lines download_log list_rounds
        show_memory_matrix list_memory_items show_memory_item show_memory_crop show_memory_label list_memory_pastes
        show_memory_source show_memory_thumbnail show_memory_paste_picture
        show_round_agreement show_query_agreement show_query_disagreement show_query_audit
        show_exchange_task list_exchange_tasks
        list_workers show_storage show_metrics
        """,
        Permission(_RESEARCHERS, Scope.READ),
    ),
    **_rows(
        """
        register_dataset delete_dataset scan_dataset create_experiment patch_experiment start_runs create_run
        attach_reference detach_reference add_seeds create_run_matrix
        delete_run patch_run branch_run check_branch import_run cancel_run pause_run restore_run resume_run
        close_round reopen_round extend_round hand_round_to_oracle export_answers import_answers
        reject_answer reopen_query accept_review change_hand_out resolve_comment begin_export begin_import
        choose_round_assistant
        """,
        Permission(_RESEARCHERS, Scope.WRITE),
    ),
    **_rows(
        "list_users create_user patch_user set_user_password create_user_link list_audit_entries",
        Permission(_ADMINS, Scope.ADMIN, is_about_accounts=True),
    ),
}
"""Operation id -> permission."""
