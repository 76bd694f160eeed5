import Service

Program.run("image-responder", threads: \.imageThreads) { try ImageResponder($0) }
