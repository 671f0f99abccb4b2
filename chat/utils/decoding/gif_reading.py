"""Read GIFs as browsers show them."""

from __future__ import annotations

from PIL import Image
from PIL.GifImagePlugin import GifImageFile


class Gif(GifImageFile):
    """A GIF on a transparent ground, as in browsers; Pillow's ground is a colour of the palette."""

    def _seek(self, frame: int, update_image: bool = True) -> None:
        self.disposal_method = 0  # otherwise Pillow uses the method of the previous frame
        super()._seek(frame, update_image)
        clears = self.disposal_method == 2 or (self.disposal_method == 3 and frame == 0)
        if update_image and clears and self.dispose_extent:
            left, upper, right, lower = self.dispose_extent
            self.dispose = Image.new("RGBA", (right - left, lower - upper)).im

    def load_end(self) -> None:
        super().load_end()
        if self.tell() or not self.dispose_extent:
            return
        ground = Image.new("RGBA", self.size)
        ground.paste(self.convert("RGBA").crop(self.dispose_extent), self.dispose_extent)
        self.im = ground.im
        self._mode = "RGBA"
        self.info.pop("transparency", None)
