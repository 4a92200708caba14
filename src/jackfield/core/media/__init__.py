"""Files: content-addressed, in a local folder or a bucket."""

from .service import ChannelMedia, MediaFiles, sniff

__all__ = ["ChannelMedia", "MediaFiles", "sniff"]
