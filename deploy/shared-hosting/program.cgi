#!/bin/sh
# Written by "multires deploy shared-hosting". Empties a log of more than a megabyte, even without cron.
export MULTIRES_SETTINGS='@DATA@/.env'
find '@DATA@/requests.log' '@DATA@/drain.log' -size +1000k -exec truncate -s 0 {} + 2>/dev/null
exec '@PROGRAMS@/@PROGRAM@' 2>>'@DATA@/requests.log'
