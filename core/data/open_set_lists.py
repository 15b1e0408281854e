"""The published splits into known and unknown classes, by dataset ids (SemSeg 2.1, 2.2). Free of torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class OpenSetList:
    """A data set's classes, some of which are known in training.

    Attributes:
        names: dataset id -> name, ascending.
        known: dataset ids of the known classes, ascending; a class's head index is its position among them.
    """

    names: Mapping[int, str]
    known: tuple[int, ...]

    @property
    def contiguous(self) -> tuple[int, ...]:
        """Dataset id of each contiguous id."""
        return tuple(self.names)

    @property
    def known_contiguous(self) -> tuple[int, ...]:
        """Contiguous ids of the known classes."""
        return tuple(at for at, dataset_id in enumerate(self.names) if dataset_id in self.known)

    @property
    def id_map(self) -> tuple[int, ...]:
        """Contiguous id -> head index; -1 for an unknown class. The last entry is the background's, K."""
        head = {contiguous: at for at, contiguous in enumerate(self.known_contiguous)}
        return (*(head.get(at, -1) for at in range(len(self.names))), len(self.known))


_COCO = """1 person,2 bicycle,3 car,4 motorcycle,5 airplane,6 bus,7 train,8 truck,9 boat,10 traffic light,
11 fire hydrant,13 stop sign,14 parking meter,15 bench,16 bird,17 cat,18 dog,19 horse,20 sheep,21 cow,22 elephant,
23 bear,24 zebra,25 giraffe,27 backpack,28 umbrella,31 handbag,32 tie,33 suitcase,34 frisbee,35 skis,36 snowboard,
37 sports ball,38 kite,39 baseball bat,40 baseball glove,41 skateboard,42 surfboard,43 tennis racket,44 bottle,
46 wine glass,47 cup,48 fork,49 knife,50 spoon,51 bowl,52 banana,53 apple,54 sandwich,55 orange,56 broccoli,57 carrot,
58 hot dog,59 pizza,60 donut,61 cake,62 chair,63 couch,64 potted plant,65 bed,67 dining table,70 toilet,72 tv,
73 laptop,74 mouse,75 remote,76 keyboard,77 cell phone,78 microwave,79 oven,80 toaster,81 sink,82 refrigerator,84 book,
85 clock,86 vase,87 scissors,88 teddy bear,89 hair drier,90 toothbrush"""
_GRASPNET = """1 cracker_box,2 sugar_box,3 tomato_soup_can,4 mustard_bottle,5 potted_meat_can,6 banana,7 bowl,8 mug,
9 power_drill,10 scissors,11 chips_can,12 strawberry,13 apple,14 lemon,15 peach,16 pear,17 orange,18 plum,19 knife,
20 phillips_screwdriver,21 flat_screwdriver,22 racquetball,23 b_cups,24 d_cups,25 a_toy_airplane,26 c_toy_airplane,
27 d_toy_airplane,28 f_toy_airplane,29 h_toy_airplane,30 i_toy_airplane,31 j_toy_airplane,32 k_toy_airplane,33 padlock,
34 dragon,35 secret_repair,36 jvr_cleansing_foam,37 dabao_wash_soup,38 nzskincare_mouth_rinse,39 dabao_sod,40 soap_box,
41 kispa_cleanser,42 darlie_toothpaste,43 nivea_men_oil_control,44 baoke_marker,45 hosjam,46 pitcher_cap,47 dish,
48 white_mouse,49 camel,50 deer,51 zebra,52 large_elephant,53 rhinocero,54 small_elephant,55 monkey,56 giraffe,
57 gorilla,58 weiquan,59 darlie_box,60 soap,61 black_mouse,62 dabao_facewash,63 pantene,64 head_shoulders_supreme,
65 thera_med,66 dove,67 head_shoulders_care,68 lion,69 coconut_juice_box,70 hippo,71 tape,72 rubiks_cube,
73 peeler_cover,74 peeler,75 ice_cube_mould,76 bar_clamp,77 climbing_hold,78 endstop_holder,79 gearbox,80 mount1,
81 mount2,82 nozzle,83 part1,84 part3,85 pawn,86 pipe_connector,87 turbine_housing,88 vase"""


def _names(text: str) -> dict[int, str]:
    pairs = (entry.strip().split(" ", 1) for entry in text.split(","))
    return {int(number): name for number, name in pairs}


VOC_COCO = OpenSetList(_names(_COCO), (1, 2, 3, 4, 5, 6, 7, 9, 16, 17, 18, 19, 20, 21, 44, 62, 63, 64, 67, 72))
"""COCO's 80 classes; the 20 that PASCAL VOC has too are known."""
GRASPNET = OpenSetList(
    _names(_GRASPNET),
    (1, 3, 6, 8, 9, 10, 12, 15, 18, 19, 21, 22, 23, 27, 28, 30, 31, 39, 42, 49, 52, 53, 59, 61, 62, 63, 64, 67),
)
"""The 88 objects of GraspNet-1Billion; 28 are known."""
