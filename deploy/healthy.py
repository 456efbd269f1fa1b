"""Does this web process answer, and its database too? Exit code 0 when it does: for the health check of a container."""

import os
import sys
import urllib.error
import urllib.request

host = os.environ["ALLOWED_HOSTS"].split(",")[0]
asked = urllib.request.Request("http://127.0.0.1:8000/-/ready", headers={"Host": host, "X-Forwarded-Proto": "https"})
try:
    urllib.request.urlopen(asked, timeout=8).close()
except urllib.error.URLError as error:
    sys.exit(f"not ready: {error}")
