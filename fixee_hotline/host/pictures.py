"""A picture as it may be shown: upright, without its place and camera, not larger than a screen needs."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageOps

LARGEST_SIDE = 2400
MOST_PIXELS = 80_000_000
FORMATS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp"}


def shown_copy(original: Path) -> Path | None:
	"""Write the copy beside the original and return it; None when this is no picture that can be read."""
	try:
		with Image.open(original) as picture:
			if picture.format not in FORMATS or picture.width * picture.height > MOST_PIXELS:
				return None
			ending = FORMATS[picture.format]
			upright = ImageOps.exif_transpose(picture)
			upright.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
			return _written(upright, original.with_name(f"{original.stem}-shown{ending}"), picture.format)
	except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError):
		return None


def _written(picture: Image.Image, target: Path, kind: str) -> Path:
	# Only the pixels go over: EXIF, XMP, comments and colour notes of the camera stay behind.
	clean = Image.new(picture.mode, picture.size)
	if picture.mode == "P" and picture.palette:
		clean = picture.convert("RGBA")
		clean.info.clear()
	else:
		clean.paste(picture)
	if kind == "JPEG":
		if clean.mode not in ("RGB", "L"):
			clean = clean.convert("RGB")
		clean.save(target, kind, quality=88, optimize=True)
	else:
		clean.save(target, kind)
	return target
