"""The impure edge: find and run ffmpeg, probe, sampled frames, sound, LUT baking, meters."""
