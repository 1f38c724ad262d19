// The parts that register_coreutils() puts together, one per file.
#pragma once

namespace drydock {

class ProgramRegistry;

void register_listing(ProgramRegistry& programs);      // ls
void register_copying(ProgramRegistry& programs);      // cp mv install
void register_removing(ProgramRegistry& programs);     // rm rmdir unlink
void register_making(ProgramRegistry& programs);       // mkdir ln touch mktemp truncate
void register_ownership(ProgramRegistry& programs);    // chmod chown chgrp
void register_find(ProgramRegistry& programs);         // find
void register_paths(ProgramRegistry& programs);        // stat readlink realpath basename dirname which
void register_disk(ProgramRegistry& programs);         // du df mount umount dd sync lsblk
void register_machine(ProgramRegistry& programs);      // free uptime nproc
void register_running(ProgramRegistry& programs);      // env timeout nohup nice sleep chroot
void register_xargs(ProgramRegistry& programs);        // xargs
void register_dates(ProgramRegistry& programs);        // date cal
void register_identity(ProgramRegistry& programs);     // id whoami groups hostname uname
void register_expressions(ProgramRegistry& programs);  // expr test printf echo true false yes

}  // namespace drydock
