"""DQMIO files written as CMS' output module books them: what made those in ``tests/data/histos``.

Needs ROOT (``pip install root``), which nothing else here does: ``python -m tests.histos.dqmio_files FOLDER``.
"""

import sys
from array import array
from pathlib import Path
from typing import Any

TREES = ("Int", "Float", "String", "TH1F", "TH1S", "TH1D", "TH2F", "TH2S", "TH2D", "TH3F", "TProfile", "TProfile2D",
         "TH1I", "TH2I")  # fmt: skip
RECORDED = {
    "dqmio.root": ("Int", "Float", "String", "TH1F", "TH1S", "TH1D", "TH2F", "TProfile"),
    "dqmio_rest.root": ("TH2S", "TH2D", "TH3F", "TProfile2D", "TH1I", "TH2I"),
}
"""What is in ``tests/data/histos``: in two, since one file of all types is larger than such files may be."""
SCALARS = {"Int": ("L", "q"), "Float": ("D", "d")}
BUFFER = 128 * 1024
PACKED = 109  # zlib, as tight as it can


class DqmioFile:
    """A file with its trees; ``fill`` adds what belongs to one lumisection (0: the run), in order of type and name."""

    def __init__(self, root: Any, path: Path, kinds: tuple[str, ...] = TREES) -> None:
        self.root = root
        self.file = root.TFile(str(path), "RECREATE", "", PACKED)
        self.index = root.TTree("Indices", "")
        self.columns = {name: array("I", [0]) for name in ("Run", "Lumi", "Type")}
        self.columns |= {name: array("L", [0]) for name in ("FirstIndex", "LastIndex")}
        for name, column in self.columns.items():
            self.index.Branch(name, column, f"{name}/{'l' if 'Index' in name else 'i'}")
        self.trees = {kind: self._tree(kind) for kind in kinds}

    def _tree(self, kind: str) -> tuple[Any, Any, Any, Any]:
        tree = self.root.TTree(f"{kind}s", f"{kind}s")
        name, flags = self.root.std.string(), array("I", [0])
        tree.Branch("FullName", name)
        tree.Branch("Flags", flags, "Flags/i")
        if kind in SCALARS:
            letter, code = SCALARS[kind]
            value: Any = array(code, [0])
            tree.Branch("Value", value, f"Value/{letter}")
        elif kind == "String":
            value = self.root.std.string()
            tree.Branch("Value", value)
        else:
            value = getattr(self.root, kind)()
            tree.Branch("Value", kind, value, BUFFER, 0)
        return tree, name, flags, value

    def fill(self, run: int, lumisection: int, things: dict[str, Any]) -> None:
        for kind in self.trees:
            chosen = {name: thing for name, thing in sorted(things.items()) if self._kind(thing) == kind}
            if not chosen:
                continue
            tree, name, _, value = self.trees[kind]
            first = tree.GetEntries()
            for full_name, thing in chosen.items():
                name.assign(full_name)
                if kind in SCALARS:
                    value[0] = thing
                elif kind == "String":
                    value.assign(thing)
                else:
                    tree.SetBranchAddress("Value", thing)
                tree.Fill()
            row = (run, lumisection, TREES.index(kind), first, tree.GetEntries() - 1)
            for column, entry in zip(self.columns.values(), row, strict=True):
                column[0] = int(entry)
            self.index.Fill()

    @staticmethod
    def _kind(thing: Any) -> str:
        plain = {int: "Int", float: "Float", str: "String"}
        return plain.get(type(thing)) or str(thing.ClassName())

    def close(self) -> None:
        self.file.Write()
        self.file.Close()


def sample(root: Any, path: Path, kinds: tuple[str, ...] = TREES) -> Path:
    """A lumisection of each of two runs and one of these as a whole: weights, uneven bins, entries in the flow bins."""
    root.TH1.AddDirectory(False)
    root.gRandom.SetSeed(4)
    file = DqmioFile(root, path, kinds)
    for run, lumisection in ((360001, 1), (360001, 0), (360002, 7)):
        things = histograms(root)
        if lumisection == 0:
            things |= {"Info/events": 1234, "Info/rate": 0.5, "Info/release": "CMSSW_13_0_0"}
        file.fill(run, lumisection, things)
    file.close()
    return path


def histograms(root: Any) -> dict[str, Any]:
    """One histogram of each type, filled at random."""
    random, top = root.gRandom, "PixelPhase1/Tracks/PXBarrel"
    edges = array("d", [0, 1, 2, 5, 10, 20])
    made = {
        f"{top}/charge_PXLayer_1": root.TH1F("charge_PXLayer_1", "Charge;Charge (electrons)", 20, 0, 80_000),
        f"{top}/size_PXLayer_1": root.TH1S("size_PXLayer_1", "Cluster size;size", 10, -0.5, 9.5),
        f"{top}/residual_PXLayer_1": root.TH1D("residual_PXLayer_1", "Residual;cm", 10, -1, 1),
        f"{top}/digis_PXLayer_1": root.TH1I("digis_PXLayer_1", "Digis", 4, 0, 4),
        f"{top}/pt": root.TH1F("pt", "Momentum;GeV", 5, edges),
        f"{top}/weighted": root.TH1D("weighted", "Weighted", 4, 0, 4),
        f"{top}/position_PXLayer_1": root.TH2F(
            "position_PXLayer_1", "Position;z;phi", 6, -30, 30, 4, -3.2, 3.2
        ),
        f"{top}/short": root.TH2S("short", "Short", 3, 0, 3, 2, 0, 2),
        f"{top}/double": root.TH2D("double", "Double", 3, 0, 3, 2, 0, 2),
        f"{top}/integer": root.TH2I("integer", "Integer", 3, 0, 3, 2, 0, 2),
        f"{top}/cube": root.TH3F("cube", "Cube", 2, 0, 1, 2, 0, 1, 2, 0, 1),
        f"{top}/profile": root.TProfile("profile", "Profile;x;mean", 5, 0, 5),
        f"{top}/profile2d": root.TProfile2D("profile2d", "Profile", 3, 0, 3, 2, 0, 2),
    }
    made[f"{top}/weighted"].Sumw2()
    for name, thing in made.items():
        _fill(thing, name.rpartition("/")[2], random)
    return made


def _fill(thing: Any, name: str, random: Any) -> None:
    x, y = thing.GetXaxis(), thing.GetYaxis()
    for _ in range(60):
        at = random.Uniform(x.GetXmin() - 1, x.GetXmax() * 1.1)
        across = random.Uniform(y.GetXmin() - 0.5, y.GetXmax() * 1.1)
        if name == "cube":
            thing.Fill(0.5, 0.5, 0.5)
        elif name == "profile2d":
            thing.Fill(at, across, random.Gaus(3, 1))
        elif name == "profile":
            thing.Fill(at, random.Gaus(3, 1))
        elif name == "weighted":
            thing.Fill(at, random.Uniform(0.5, 1.5))
        elif thing.GetDimension() == 2:
            thing.Fill(at, across)
        else:
            thing.Fill(at)


def keys(root: Any, path: Path) -> Path:
    """A plain file: keys that tell run and lumisection, the folders of DQM harvesting, and what is no histogram."""
    root.TH1.AddDirectory(False)
    root.gRandom.SetSeed(5)
    file = root.TFile(str(path), "RECREATE", "", PACKED)
    folder = "DQMData/Run 367094/Tracking/{}/TrackParameters"
    for place in ("Run summary", "By Lumi Section 3-3", "By Lumi Section 4-6"):
        file.mkdir(folder.format(place)).cd()
        _charge(root, "Chi2_GenTk").Write()
    file.cd()
    for lumisection in (1, 2):
        _charge(root, f"run367094_ls{lumisection}_PixelPhase1_Tracks_charge").Write()
    root.TObjString("what made it").Write("note")
    file.Close()
    return path


def _charge(root: Any, name: str) -> Any:
    thing = root.TH1F(name, name, 20, 0, 80_000)
    _fill(thing, name, root.gRandom)
    return thing


def main() -> None:
    import ROOT

    keys(ROOT, Path(sys.argv[1]) / "root.root")

    for name, kinds in RECORDED.items():
        sample(ROOT, Path(sys.argv[1]) / name, kinds)


if __name__ == "__main__":
    main()
