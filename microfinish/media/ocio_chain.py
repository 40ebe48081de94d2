"""A color chain as steps over float RGB: OpenColorIO, with mixing and LUT files in between."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import PyOpenColorIO as ocio
from numpy.typing import NDArray

from microfinish.core.color import Chain, InputTransform, Look, LookGrade, LookLut
from microfinish.core.color_output import OwnOutput
from microfinish.core.color_tools import ONES, Curves
from microfinish.core.color_white import white_balance_matrix
from microfinish.core.errors import InputError, Where
from microfinish.media.color_curves import gamut_to_acescg, linear_of
from microfinish.media.ocio_grade import (
    before_saturation,
    cdl,
    contrast,
    curves,
    hue_curves,
    saturation,
    tone,
    vibrance,
    wheels,
)
from microfinish.media.user_lut import read_lut

Rgb = NDArray[np.float32]
Step = Callable[[Rgb], Rgb]
ResolveLut = Callable[[LookLut], Path]

CONFIG = "studio-config-v5.0.0_aces-v2.1_ocio-v2.6"
"""Pinned: the default of the built-in configs moves with OpenColorIO's releases."""

SDR_DISPLAY, SDR_VIEW = "Rec.1886 Rec.709 - Display", "ACES 2.0 - SDR 100 nits (Rec.709)"
_HDR_DISPLAY = {"hlg": "REC.2100-HLG-1000nit", "pq": "REC.2100-PQ"}
_LEGAL_CHROMA = 876 / 896
OUTPUTS = ("aces2-rec709", "rec709")


def fresh_config() -> ocio.Config:
    """A new instance of the pinned config without its processor cache.

    OpenColorIO 2.6.0 keys cached processors by the printed form of their transforms, which leaves
    data out: two chains that differ only in a table would share a processor.
    """
    config = ocio.Config.CreateFromBuiltinConfig(CONFIG)
    config.setProcessorCacheFlags(ocio.PROCESSOR_CACHE_OFF)
    return config


def chain_steps(chain: Chain, resolve_lut: ResolveLut | None = None) -> list[Step]:
    """What `chain` does, in order, to arrays of shape (..., 3) of code values.

    Empty for an identity. Raises InputError for unknown spaces, curves and LUT files.
    """
    if chain.is_identity:
        return []
    if chain.output not in OUTPUTS:
        raise InputError(f"output {chain.output!r} is not known",
                         hint=f"known: {', '.join(OUTPUTS)}")
    config = fresh_config()
    steps, to_acescg = _input_steps(config, chain, resolve_lut)
    transforms = [*to_acescg, *_balance(chain)]
    if chain.gamut_compression:
        transforms += [
            ocio.ColorSpaceTransform("ACEScg", "ACES2065-1"),
            ocio.BuiltinTransform("ACES-LMT - ACES 1.3 Reference Gamut Compression"),
            ocio.ColorSpaceTransform("ACES2065-1", "ACEScg")]
    transforms += [ocio.ColorSpaceTransform("ACEScg", "ACEScct"), *cdl(chain.cdl),
                   *contrast(chain.contrast, chain.pivot), *before_saturation(chain.tools),
                   *saturation(chain.saturation)]
    if chain.tools.vibrance:
        steps += [_processor(config, transforms), _vibrance(chain.tools.vibrance)]
        transforms = []
    look = chain.look if chain.look is not None and chain.look.strength != 0.0 else None
    if look is not None and (look.grade != LookGrade() or _lut_in(look, "acescct")):
        if transforms:
            steps.append(_processor(config, transforms))
        steps += _look_in_acescct(config, look, resolve_lut)
        transforms = []
    steps += _output_steps(config, chain, transforms, resolve_lut)
    if look is not None and look.lut is not None and look.lut.space == "rec709":
        steps.append(_mixed([_table(look.lut, resolve_lut)], look.strength))
    return steps


def to_acescg(given: InputTransform, rgb: Rgb, output: str = OUTPUTS[0]) -> Rgb:
    """The ACEScg light that a chain to `output` balances, of decoded code values of shape
    (..., 3), for measuring. Only finished pictures have other light for another output."""
    config = fresh_config()
    steps, transforms = _input_steps(config, Chain(given, output=output), None)
    out = np.array(rgb, np.float32, order="C", copy=True)
    for step in [*steps, _processor(config, transforms)]:
        out = step(out)
    return out


def _input_steps(config: ocio.Config, chain: Chain, resolve_lut: ResolveLut | None) -> tuple[
        list[Step], list[ocio.Transform]]:
    """Steps outside OpenColorIO, then the transforms from there to ACEScg."""
    given: InputTransform = chain.input
    first: list[ocio.Transform] = []
    if given.legal_chroma:
        # Decoded as full range, legal chroma is 896/876 too large (ITU-R BT.709 quantization).
        first.append(ocio.CDLTransform(slope=ONES, offset=(0, 0, 0), power=ONES,
                                       sat=_LEGAL_CHROMA))
    inverse = ocio.TRANSFORM_DIR_INVERSE
    if given.referred == "display" and chain.own is not None and not given.space:
        undo = show_view(config, chain.own, "ACEScg", resolve_lut, inverse)
        return [*([_processor(config, first)] if first else []), undo], []
    if given.referred == "display":
        if chain.output == "rec709" and not given.space:
            return [], [*first, ocio.ColorSpaceTransform("Camera Rec.709", "ACEScg")]
        return [], [*first, ocio.DisplayViewTransform(
            "ACEScg", given.space or SDR_DISPLAY, SDR_VIEW, direction=inverse)]
    if given.referred in _HDR_DISPLAY:
        return [], [*first,
                    ocio.BuiltinTransform("DISPLAY - CIE-XYZ-D65_to_" + _HDR_DISPLAY[
                        given.referred], inverse),
                    ocio.BuiltinTransform("ACES-OUTPUT - ACES2065-1_to_CIE-XYZ-D65 - "
                                          "HDR-1000nit-REC2020_2.0", inverse),
                    ocio.ColorSpaceTransform("ACES2065-1", "ACEScg")]
    if given.curve:
        steps: list[Step] = [_processor(config, first)] if first else []
        steps.append(_curve(given))
        return steps, [_from_space(config, given.linear)]
    return [], [*first, _from_space(config, given.space)]


def _from_space(config: ocio.Config, space: str) -> ocio.Transform:
    if config.getColorSpace(space) is None:
        matrix = gamut_to_acescg(space)
        if matrix is not None:
            square = np.eye(4)
            square[:3, :3] = matrix
            return ocio.MatrixTransform(square.ravel().tolist())
        raise InputError(f"color space {space!r} is not in the OpenColorIO config {CONFIG}",
                         hint="`microfinish presets list cameras` names the cameras that are there")
    return ocio.ColorSpaceTransform(space, "ACEScg")


def _curve(given: InputTransform) -> Step:
    return lambda rgb: linear_of(given.curve, rgb, given.ei)


def _balance(chain: Chain) -> list[ocio.Transform]:
    gain = 2.0 ** chain.balance.exposure
    rows = white_balance_matrix(chain.balance)
    if gain == 1.0 and chain.balance.temperature == 0.0 and chain.balance.tint == 0.0:
        return []
    flat: list[float] = []
    for row in rows:
        flat += [gain * value for value in row] + [0.0]
    return [ocio.MatrixTransform([*flat, 0.0, 0.0, 0.0, 1.0])]


def _output_steps(config: ocio.Config, chain: Chain, transforms: list[ocio.Transform],
                  resolve_lut: ResolveLut | None) -> list[Step]:
    """From ACEScct to the display; `transforms` stand before it and share its processor."""
    if chain.own is not None:
        before = [_processor(config, transforms)] if transforms else []
        return [*before, show_view(config, chain.own, "ACEScct", resolve_lut)]
    # BT.2100 material is always tone mapped: a camera curve would clip it at 203 cd/m2.
    tone_mapped = chain.output == "aces2-rec709" or chain.input.referred in _HDR_DISPLAY or (
        chain.input.referred == "display" and bool(chain.input.space))
    if tone_mapped:
        return [_processor(config, [*transforms, ocio.ColorSpaceTransform("ACEScct", "ACEScg"),
                                    ocio.DisplayViewTransform("ACEScg", SDR_DISPLAY, SDR_VIEW)])]
    return [_processor(config, [*transforms,
                                ocio.ColorSpaceTransform("ACEScct", "Camera Rec.709")])]


def show_view(config: ocio.Config, own: OwnOutput, space: str, resolve_lut: ResolveLut | None,
              direction: ocio.TransformDirection = ocio.TRANSFORM_DIR_FORWARD) -> Step:
    """The view of a show's own config, from `space` of ours (inverse: to it).

    Raises InputError where the config cannot be used.
    """
    if resolve_lut is None:
        raise InputError(f"the output needs the OpenColorIO config {own.config}")
    path = resolve_lut(LookLut(own.digest, "", own.config))
    where = Where(own.config)
    try:
        theirs = ocio.Config.CreateFromFile(str(path))
        theirs.setProcessorCacheFlags(ocio.PROCESSOR_CACHE_OFF)
        _check_view(theirs, own, where)
        processor = ocio.Config.GetProcessorFromConfigs(
            config, space, theirs, own.display, own.view, direction)
        return _applied(processor)
    except ocio.Exception as error:
        reason = str(error).strip().splitlines()[0].replace(str(path), own.config)
        raise InputError(f"the output {own.display} / {own.view} cannot be used: {reason}",
                         where=where, hint="the config needs the role aces_interchange") from error


def _check_view(theirs: ocio.Config, own: OwnOutput, where: Where) -> None:
    displays = list(theirs.getDisplays())
    if own.display not in displays:
        raise InputError(f"the config has no display {own.display!r}", where=where,
                         hint=f"there are: {', '.join(displays)}")
    views = list(theirs.getViews(own.display))
    if own.view not in views:
        raise InputError(f"display {own.display!r} has no view {own.view!r}", where=where,
                         hint=f"there are: {', '.join(views)}")


def _vibrance(amount: float) -> Step:
    return lambda rgb: vibrance(amount, rgb)


def _look_in_acescct(config: ocio.Config, look: Look, resolve_lut: ResolveLut | None) -> list[Step]:
    made: list[Step] = []
    if look.grade != LookGrade():
        grade = look.grade
        tools = grade.tools
        made.append(_processor(config, [
            *cdl(grade.cdl), *contrast(grade.contrast, grade.pivot),
            *wheels(tools.lift, tools.gamma, tools.gain), *tone(grade.tone),
            *curves(Curves(master=grade.curve)), *curves(tools.curves), *hue_curves(tools.hues),
            *saturation(grade.saturation)]))
        if tools.vibrance:
            made.append(_vibrance(tools.vibrance))
    if _lut_in(look, "acescct"):
        assert look.lut is not None
        made.append(_table(look.lut, resolve_lut))
    return [_mixed(made, look.strength)]


def _lut_in(look: Look, space: str) -> bool:
    return look.lut is not None and look.lut.space == space


def _table(lut: LookLut, resolve_lut: ResolveLut | None) -> Step:
    if resolve_lut is None:
        raise InputError(f"the look needs the LUT file {lut.file}")
    return read_lut(resolve_lut(lut), lut.file).apply


def _mixed(made: list[Step], strength: float) -> Step:
    def step(rgb: Rgb) -> Rgb:
        changed = rgb.copy()
        for make in made:
            changed = make(changed)
        if strength == 1.0:
            return changed
        return np.ascontiguousarray(rgb + np.float32(strength) * (changed - rgb), np.float32)
    return step


def _processor(config: ocio.Config, transforms: list[ocio.Transform]) -> Step:
    return _applied(config.getProcessor(ocio.GroupTransform(transforms)))


def _applied(processor: ocio.Processor) -> Step:
    # Lossless: the default level replaces logarithms by fast approximations.
    cpu = processor.getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS)

    def step(rgb: Rgb) -> Rgb:
        out = np.array(rgb, np.float32, order="C", copy=True)
        pixels = out.reshape(-1, 3)
        cpu.apply(ocio.PackedImageDesc(pixels, pixels.shape[0], 1, 3))
        return out
    return step
