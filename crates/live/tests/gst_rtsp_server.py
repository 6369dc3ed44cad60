"""An RTSP server by GStreamer for the tests: PORT PIPELINE [PASSWORD]; the user is «watch», by digest."""
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer

Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(sys.argv[1])
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(sys.argv[2])
if len(sys.argv) > 3:
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "watch")
    auth.add_digest("watch", sys.argv[3], token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("watch", "media.factory.access", True)
    permissions.add_permission_for_role("watch", "media.factory.construct", True)
    factory.set_permissions(permissions)
server.get_mount_points().add_factory("/x", factory)
server.attach(None)
GLib.MainLoop().run()
