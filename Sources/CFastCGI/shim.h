// libfcgi's application interface. Needs Debian 12's 2.4.2-2+deb12u1 or newer (CVE-2025-23016).
#pragma once
#include <fcgiapp.h>
