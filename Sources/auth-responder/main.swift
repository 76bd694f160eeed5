import Service

Program.run("auth-responder", threads: \.authThreads) { try AuthResponder($0) }
