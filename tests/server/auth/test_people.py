from __future__ import annotations

import pytest
from pydantic import ValidationError

from server.auth.people import LOCAL_USER, Person, acting, is_hidden, present_person, user_cause
from server.auth.roles import SCOPES, Role, Scope
from server.schemas.queries import AnswerTerms, By


def person(name: str = "ann", role: Role = Role.ANNOTATOR) -> Person:
    return Person.of_session(("id", name, role.value), "session")


def test_without_accounts_people_say_their_names() -> None:
    assert (By(author=" ann ").author, user_cause(), present_person()) == ("ann", LOCAL_USER, None)
    assert not is_hidden("bob")
    with pytest.raises(ValidationError, match="Field required") as refused:
        By.model_validate({})
    assert refused.value.errors()[0]["type"] == "missing"


@pytest.mark.parametrize("given", [{}, {"author": "ann"}, {"author": " ann "}, {"author": None}])
def test_with_accounts_the_name_is_that_of_the_account(given: dict[str, str | None]) -> None:
    with acting(person()):
        names = By.model_validate(given).author, AnswerTerms.model_validate(given).author, user_cause()

    assert names == ("ann", "ann", "user:ann")
    assert present_person() is None


@pytest.mark.parametrize("role", list(Role))
def test_nobody_answers_under_the_name_of_another(role: Role) -> None:
    with acting(person(role=role)), pytest.raises(ValidationError, match="you are signed in as 'ann'"):
        By(author="bob")


def test_annotators_see_their_own_work_and_replace_nobody_elses() -> None:
    with acting(person()):
        hidden = [is_hidden("ann"), is_hidden("bob"), is_hidden(None)]
        with pytest.raises(ValidationError, match="needs the role researcher"):
            AnswerTerms.model_validate({"replaces": 2})
    with acting(person("rita", Role.RESEARCHER)):
        seen = is_hidden("bob"), AnswerTerms.model_validate({"replaces": 2}).replaces

    assert hidden == [False, True, True]
    assert seen == (False, 2)


def test_a_token_has_no_scope_that_its_role_has_lost() -> None:
    wide = Person.of_token(("id", "ann", "annotator"), "token", ["read", "write", "admin"])

    assert wide.scopes == {Scope.READ}
    assert person("root", Role.ADMIN).scopes == SCOPES[Role.ADMIN] == set(Scope)
