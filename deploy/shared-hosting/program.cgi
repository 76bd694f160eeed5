#!/bin/sh
# Written by "multires deploy shared-hosting".
export MULTIRES_SETTINGS='@DATA@/.env'
exec '@PROGRAMS@/@PROGRAM@' 2>>'@DATA@/requests.log'
