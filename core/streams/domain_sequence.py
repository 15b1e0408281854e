"""Domains learned one after the other, and the test sets evaluated after each (CoSAM 3.2). Free of torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal, LiteralString

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator, model_validator
from pydantic_core import PydanticCustomError

from core.data.classes import ClassTable
from core.data.dataset_spec import DatasetSpec
from core.errors import ConfigError, Fault
from core.streams.base import MAIN_POINTER, DatasetUse, KnownDataset, StepPreview, StreamPreview, TaskStream

OrderPreset = Literal["train_datasets", "reverse", "pos2", "pos3", "pos4", "pos5"]
ORDERS: Mapping[OrderPreset, tuple[int, ...]] = {
    "train_datasets": (0, 1, 2, 3, 4, 5, 6, 7),
    "reverse": (7, 6, 3, 4, 5, 1, 2, 0),
    "pos2": (1, 2, 0, 3, 4, 5, 6, 7),
    "pos3": (1, 2, 3, 4, 5, 0, 6, 7),
    "pos4": (1, 2, 3, 4, 5, 6, 0, 7),
    "pos5": (1, 2, 3, 4, 5, 6, 7, 0),
}
"""The published orders of eight domains."""
ORDER_LABELS: dict[str, JsonValue] = {
    "train_datasets": "as listed",
    "reverse": "reverse (published; of eight domains)",
    **{f"pos{place}": f"pos{place} (published; of eight domains)" for place in range(2, 6)},
}
ORDER_PLACES: dict[str, JsonValue] = {name: list(places) for name, places in ORDERS.items() if name != "train_datasets"}
"""Places of the domains in each published order, for forms that show who is learned when."""
MOST_DOMAINS = 32
DomainName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=60)]


class Domain(BaseModel):
    """A dataset with a name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: DomainName = Field(description="What tables and pages call the domain.")
    dataset: DatasetSpec = Field(description="Its images.")


class DomainSequenceStream(TaskStream):
    """The same classes in one domain after the other.

    The experiment's dataset is the first domain that is listed; `order` says which is learned when.
    """

    noun: ClassVar = "domain"
    alternatives: ClassVar = (("order", "custom_order"),)

    kind: Literal["domain_sequence"] = "domain_sequence"
    first: DomainName = Field("first", description="Name of the domain that the experiment's own dataset is.")
    further: tuple[Domain, ...] = Field(
        (), max_length=MOST_DOMAINS - 1, description="The other domains: images to learn from, and to test on."
    )
    extra_tests: tuple[Domain, ...] = Field(
        (), max_length=8, description="What is tested too and never learned, such as natural images."
    )
    order: OrderPreset = Field(
        "train_datasets",
        description="In which order the domains are learned.",
        json_schema_extra={"x-labels": ORDER_LABELS, "x-places": ORDER_PLACES},
    )
    custom_order: tuple[Annotated[int, Field(ge=0, lt=MOST_DOMAINS)], ...] = Field(
        (),
        max_length=MOST_DOMAINS,
        description="An order of one's own: places in the list of domains, the first is 0; they may be fewer than all.",
    )
    tested: Literal["all", "seen"] = Field(
        "all",
        description="Which domains are tested after each.",
        json_schema_extra={"x-labels": {"all": "all", "seen": "those learned so far"}},
    )

    @field_validator("order", mode="before")
    @classmethod
    def _published_order(cls, order: JsonValue) -> JsonValue:
        if isinstance(order, list | tuple):
            message = "order names a published order; give a list as custom_order, by places: 0 is the first domain"
            raise PydanticCustomError("unusable_order", "{message}", {"message": message})
        return order

    @model_validator(mode="after")
    def _consistent(self) -> DomainSequenceStream:
        taken = {self.first}
        for section in ("further", "extra_tests"):
            for index, domain in enumerate(getattr(self, section)):
                if domain.name in taken:
                    message = f"two domains are called {domain.name!r}; choose another name"
                    raise _fault("name_taken", message, section, index, "name")
                taken.add(domain.name)
        self._require_order()
        return self

    def _require_order(self) -> None:
        count = len(self.names)
        for index, place in enumerate(self.custom_order):
            if place >= count or place in self.custom_order[:index]:
                found = "does not exist" if place >= count else "is there twice"
                message = f"domain {place} {found}; the {count} domains are 0 to {count - 1}"
                raise _fault("unusable_order", message, "custom_order", index)
        if not self.custom_order and self.order != "train_datasets" and count != len(ORDERS[self.order]):
            message = f"{self.order!r} orders eight domains, and there are {count}; give a custom_order"
            raise _fault("unusable_order", message, "order")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the domains in the order of the document."""
        return (self.first, *(domain.name for domain in self.further))

    @property
    def domains(self) -> tuple[str, ...]:
        """Names of the domains in the order in which they are learned; step t learns the t-th."""
        order = self.custom_order or (() if self.order == "train_datasets" else ORDERS[self.order])
        return tuple(self.names[place] for place in order) if order else self.names

    @property
    def domains_per_step(self) -> tuple[str, ...]:
        """The domains in the order in which they are learned."""
        return self.domains

    @property
    def extra_names(self) -> tuple[str, ...]:
        """Names of the datasets that are tested but never learned."""
        return tuple(domain.name for domain in self.extra_tests)

    @property
    def num_steps(self) -> int:
        """Number of domains that are learned."""
        return len(self.domains)

    def step_title(self, index: int) -> str:
        """Return the name of the domain."""
        return self.domains[index]

    def label(self) -> str:
        """Return such as `pits > polyps > cracks`."""
        return " > ".join(self.domains)

    def datasets(self, main: DatasetSpec) -> Mapping[str, DatasetUse]:
        """Return the domains in the order of the document, then the datasets that are only tested."""
        uses = {self.first: DatasetUse(main, MAIN_POINTER)}
        for index, domain in enumerate(self.further):
            uses[domain.name] = DatasetUse(domain.dataset, f"/stream/further/{index}/dataset")
        for index, domain in enumerate(self.extra_tests):
            pointer = f"/stream/extra_tests/{index}/dataset"
            uses[domain.name] = DatasetUse(domain.dataset, pointer, splits=("eval",), labels=frozenset({"eval"}))
        return uses

    def tested_after(self, index: int, main: DatasetSpec) -> tuple[str, ...]:  # noqa: ARG002 - whatever they are
        """Return the domains tested after a step, in the order of learning, then the datasets that are only tested."""
        seen = self.domains if self.tested == "all" else self.domains[: index + 1]
        return (*seen, *self.extra_names)

    def check_against(self, classes: Mapping[str, ClassTable]) -> None:
        """Refuse a domain whose classes differ from the first domain's; raises ConfigError."""
        wanted = sorted(classes[self.first].names.items())
        for section in ("further", "extra_tests"):
            for index, domain in enumerate(getattr(self, section)):
                if sorted(classes[domain.name].names.items()) != wanted:
                    raise ConfigError(
                        f"the domain {domain.name} has other classes than {self.first}; all domains need the same",
                        f"/stream/{section}/{index}/dataset",
                    )

    def warnings(self, classes: Mapping[str, ClassTable]) -> Iterator[Fault]:  # noqa: ARG002 - of the stream alone
        """Yield a fault for domains that are listed but not learned, and for datasets that are listed twice."""
        unused = [name for name in self.names if name not in self.domains]
        if unused:
            yield Fault("/stream/custom_order", f"{', '.join(unused)} is listed and never learned", "domain_unused")
        for index, domain in enumerate(self.further):
            same = next((other.name for other in self.further[:index] if other.dataset == domain.dataset), None)
            if same is not None:
                pointer = f"/stream/further/{index}/dataset"
                yield Fault(pointer, f"{domain.name} is the same dataset as {same}", "same_domain")

    def check_images(self, known: Mapping[str, KnownDataset]) -> None:
        """Refuse a domain without training images; raises ConfigError pointing at it."""
        for name in self.domains:
            if not known[name].train_images:
                place = self.names.index(name)
                pointer = f"/stream/further/{place - 1}/dataset" if place else MAIN_POINTER
                raise ConfigError(f"the domain {name} has no image to learn from; name a split with some", pointer)

    def images_per_step(self, known: Mapping[str, KnownDataset]) -> tuple[int, ...] | None:
        """Return the training images of each domain, in the order of learning."""
        return tuple(known[name].train_images for name in self.domains)

    def preview(self, known: Mapping[str, KnownDataset]) -> StreamPreview:
        """Return the training images of each domain."""
        return StreamPreview(
            tuple(StepPreview(title=name, domain=name, images=known[name].train_images) for name in self.domains)
        )


def _fault(code: LiteralString, message: str, *place: str | int) -> PydanticCustomError:
    """Return a fault of the whole stream that names the part at fault."""
    return PydanticCustomError(code, "{message}", {"message": message, "place": place})
