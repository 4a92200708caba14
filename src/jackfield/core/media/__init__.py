"""Files: content-addressed, in a local folder or a bucket."""

from .service import ChannelMedia, MediaFiles

__all__ = ["ChannelMedia", "MediaFiles"]
