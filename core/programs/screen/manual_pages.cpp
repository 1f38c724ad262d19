#include "core/programs/screen/manual_pages.h"

namespace drydock::screen {
namespace {

constexpr ManualPage kPages[] = {
    {"awk", "1", "find lines by pattern and work on their fields", "awk [-F fs] [-v var=value] 'program' [file ...]",
     "Reads lines, cuts each into fields ($1, $2, ..., the last is $NF) and runs the program's \"pattern { action }\" "
     "pairs on it. $0 is the whole line, NR its number.\n-F fs: Fields are separated by fs instead of white space.\n-v "
     "var=value: Sets a variable before the program begins."},
    {"base64", "1", "encode or decode base64", "base64 [-d] [-w cols] [file]",
     "Writes a file or standard input in base64, in lines of 76 characters.\n-d: Decode.\n-w cols: Lines of this many "
     "characters; 0 makes one line."},
    {"basename", "1", "strip the directory and a suffix from a file name", "basename name [suffix]",
     "Prints what follows the last slash, without the suffix when it is given."},
    {"bash", "1", "the shell: reads commands and runs them",
     "bash [options] [script [argument ...]]\nbash [options] -c commands [name [argument ...]]",
     "Reads commands from the terminal, a script or -c. `help' lists the commands that bash has itself.\n-c: Run the "
     "commands in the next argument.\n-l: Behave as a login shell.\n-e: End when a command fails.\n-x: Show each "
     "command before it runs."},
    {"cat", "1", "join files and print them", "cat [-AbEnsT] [file ...]",
     "Prints files one after the other; \"-\" or nothing means standard input.\n-n: Number the lines.\n-A: Show ends "
     "of lines and tabs."},
    {"chmod", "1", "change who may read, write and execute a file", "chmod [-R] mode file ...",
     "The mode is octal (644) or symbolic (u+x, go-w).\n-R: Directories with all that is below."},
    {"chown", "1", "change a file's owner and group", "chown [-R] [owner][:[group]] file ...",
     "Only root may give files away.\n-R: Directories with all that is below."},
    {"clear", "1", "clear the terminal's screen", "clear", "Empties the screen and puts the cursor at its top."},
    {"cp", "1", "copy files and directories", "cp [-afipr] source ... target",
     "Copies files; with several sources the target is a directory.\n-r: Directories with all that is below.\n-i: Ask "
     "before a file is overwritten.\n-a: Keep modes, owners and times, and go into directories."},
    {"crictl", "8", "talk to a container runtime", "crictl [options] command",
     "Lists and examines the pods, containers and images of this node: ps, pods, images, logs, inspect, exec."},
    {"curl", "1", "transfer data from a URL", "curl [options] url ...",
     "Fetches a URL and prints what it gets.\n-o FILE: Write to a file.\n-s: Show no progress.\n-L: Follow "
     "redirections.\n-X METHOD: The request's method.\n-H HEADER: One more header.\n-d DATA: Send data (POST).\n-k: "
     "Accept certificates nobody vouches for.\n-v: Show the conversation."},
    {"cut", "1", "print parts of lines", "cut -f list [-d delim] [file ...]\ncut -c list [file ...]",
     "Prints fields or characters; a list is 1,3-5 or 2-.\n-d delim: The character between fields; a tab unless told."},
    {"date", "1", "print the time", "date [-u] [-d text] [+format]",
     "Prints the date and time, in the form that +format says: %Y-%m-%d %H:%M:%S.\n-u: In universal time.\n-d text: "
     "The time that the text names (\"2 hours ago\")."},
    {"df", "1", "tell how full file systems are", "df [-hT] [file ...]",
     "One line for each mounted file system.\n-h: Sizes in units people read."},
    {"diff", "1", "compare files line by line", "diff [-u] [-r] old new",
     "Prints nothing and ends with 0 when the files are equal, with 1 when they differ.\n-u: Show differences with "
     "lines around them.\n-r: Compare directories."},
    {"du", "1", "tell how much room files take", "du [-hs] [file ...]",
     "Adds up what is below each directory.\n-h: Sizes in units people read.\n-s: Only the sum."},
    {"echo", "1", "print its arguments", "echo [-neE] [text ...]",
     "-n: No newline at the end.\n-e: Backslash escapes such as \\t and \\n."},
    {"env", "1", "run a command with another environment, or print it", "env [-i] [name=value ...] [command]",
     "Without a command it prints the variables that programs get.\n-i: Begin with none."},
    {"find", "1", "look for files", "find [path ...] [expression]",
     "Walks directories and prints what fits: -name 'pattern', -type f or d, -size, -mtime, -exec command {} \\;, "
     "-delete."},
    {"free", "1", "tell how much memory is in use", "free [-bkmgh]", "-h: In units people read."},
    {"grep", "1", "print lines that match a pattern", "grep [-EFivclnorwq] pattern [file ...]",
     "Ends with 0 when a line matched, with 1 when none did.\n-i: Upper and lower case alike.\n-v: Lines that do not "
     "match.\n-r: Directories with all that is below.\n-n: With line numbers.\n-E: Extended regular expressions.\n-c: "
     "Only how many."},
    {"gzip", "1", "compress files", "gzip [-dck] [file ...]",
     "Replaces each file by a smaller one with .gz behind its name.\n-d: Decompress.\n-c: Write to standard "
     "output.\n-k: Keep the file."},
    {"head", "1", "print the first lines", "head [-n lines] [-c bytes] [file ...]", "Ten lines unless told."},
    {"hostname", "1", "print the machine's name", "hostname [-if]", "-i: Its addresses.\n-f: Its full name."},
    {"id", "1", "tell who one is", "id [-ugn] [user]", "Prints user and group numbers and names."},
    {"ip", "8", "show and change addresses, links and routes", "ip [options] {link|addr|route|neigh} [command]",
     "`ip addr' shows addresses, `ip route' the routes, `ip link set NAME up' switches a link on."},
    {"iptables", "8", "packet rules", "iptables [-t table] -L|-A|-D|-I chain [rule]",
     "Shows and changes the rules that decide what becomes of packets.\n-t table: filter, nat, mangle or raw.\n-n: "
     "Numbers instead of names.\n-v: With counters."},
    {"journalctl", "1", "read the system's journal", "journalctl [-u unit] [-f] [-n lines] [--since time]",
     "-u unit: One service's lines.\n-f: Wait for more.\n-n lines: The last lines only."},
    {"jq", "1", "work on JSON", "jq [-r] filter [file ...]",
     "Applies a filter such as .items[].metadata.name to JSON text.\n-r: Texts without quotes."},
    {"kill", "1", "send a signal to processes", "kill [-signal] pid ...\nkill -l",
     "Sends SIGTERM unless told; -9 cannot be caught."},
    {"kubeadm", "1", "set up a Kubernetes cluster", "kubeadm command",
     "init makes this machine a control plane, join adds it to a cluster, reset undoes both, token creates tokens for "
     "joining, upgrade brings a newer version. `kubeadm COMMAND --help' tells more."},
    {"kubectl", "1", "control a Kubernetes cluster", "kubectl [command] [TYPE] [NAME] [flags]",
     "Talks to the API server that ~/.kube/config names. get lists objects, describe shows one with its events, apply "
     "makes them as a file says, delete removes them, logs and exec look into containers, explain tells what a field "
     "means. `kubectl COMMAND --help' tells more.\n-n NAMESPACE: The namespace to work in.\n-o FORMAT: yaml, json, "
     "wide, name, jsonpath=...\n-f FILE: A manifest."},
    {"kubelet", "8", "the agent of a Kubernetes node", "kubelet [flags]",
     "Runs the pods that are bound to this node. It is a service: see systemctl status kubelet and journalctl -u "
     "kubelet."},
    {"less", "1", "show text a screen at a time", "less [-FiNRSX] [+command] [file ...]",
     "Space goes on, b back, /text searches, n repeats the search, g and G go to the ends, q quits, h shows all "
     "keys.\n-N: Line numbers.\n-S: Long lines are cut, not wrapped.\n-R: Colors as they are.\n+F: Wait for more, as "
     "tail -f."},
    {"ln", "1", "make links", "ln [-sf] target [name]", "-s: A symbolic link.\n-f: In place of a file that is there."},
    {"ls", "1", "list directories", "ls [-aAdhilrRSt1F] [file ...]",
     "-l: Rights, owner, size and time.\n-a: Names that begin with a dot too.\n-h: Sizes in units people read.\n-t: "
     "Newest first.\n-R: With all that is below."},
    {"man", "1", "show pages of this manual", "man [section] name ...\nman -k word",
     "-k word: Pages whose name or summary holds the word.\n-f name: A page's summary."},
    {"mkdir", "1", "make directories", "mkdir [-p] [-m mode] directory ...",
     "-p: With those above it, and none is an error that is there."},
    {"more", "1", "show text a screen at a time", "more [file ...]", "Space goes on, Enter by a line, q quits."},
    {"mount", "8", "attach a file system", "mount [-t type] [-o options] device directory",
     "Without arguments it prints what is mounted."},
    {"mv", "1", "move or rename files", "mv [-fin] source ... target",
     "-i: Ask before a file is overwritten.\n-n: Overwrite none."},
    {"nano", "1", "a small text editor", "nano [-lv] [+line] [file]",
     "The keys are shown at the bottom: ^O writes the file, ^X leaves, ^K cuts a line, ^U pastes it, ^W searches.\n-l: "
     "Line numbers.\n-v: View only."},
    {"nc", "1", "open connections and listen", "nc [-lvzu] [-w seconds] host port",
     "-l: Listen.\n-z: Only see whether the port is open.\n-u: UDP."},
    {"nslookup", "1", "ask a name server", "nslookup name [server]", "Prints the addresses of a name."},
    {"ping", "8", "see whether a host answers", "ping [-c count] [-i interval] host",
     "Sends packets and tells how long the answers took.\n-c count: Stop after so many."},
    {"printf", "1", "print arguments in a format", "printf format [argument ...]",
     "%s is a text, %d a number, %x hexadecimal, %5.2f a decimal fraction, \\n a new line. The format is used again "
     "while arguments are left."},
    {"ps", "1", "list processes", "ps [aux] [-ef] [-o format]",
     "-e: All processes.\n-f: With parents, times and full commands.\naux: All, with what they use."},
    {"pwd", "1", "print the working directory", "pwd [-LP]", "-P: Without symbolic links."},
    {"rm", "1", "remove files", "rm [-fir] file ...",
     "-r: Directories with all that is below.\n-f: Ask nothing, and a missing file is no error.\n-i: Ask for each."},
    {"rmdir", "1", "remove empty directories", "rmdir [-p] directory ...", "-p: Those above too, once they are empty."},
    {"sed", "1", "edit text as it passes", "sed [-Enri] script [file ...]",
     "s/old/new/g replaces, 5,10p prints lines, /text/d deletes.\n-i: Change the files themselves.\n-n: Print only "
     "what p says.\n-E: Extended regular expressions."},
    {"seq", "1", "print numbers", "seq [-w] [-s text] [first [step]] last",
     "-w: All equally wide.\n-s text: Between the numbers."},
    {"sleep", "1", "wait", "sleep number[smhd] ...", "Waits for seconds, minutes (m), hours (h) or days (d)."},
    {"sort", "1", "sort lines", "sort [-nrukht] [file ...]",
     "-n: As numbers.\n-r: The other way round.\n-u: Equal lines once.\n-k N: By the N-th field.\n-h: Sizes such as 2K "
     "and 1G."},
    {"ss", "8", "list sockets", "ss [-tulpn]",
     "-t: TCP.\n-u: UDP.\n-l: Those that listen.\n-n: Numbers.\n-p: Whose they are."},
    {"stat", "1", "show what is known about a file", "stat [-c format] file ...",
     "-c format: %a is the mode, %U the owner, %s the size, %n the name."},
    {"systemctl", "1", "control the system's services", "systemctl command [unit ...]",
     "status, start, stop, restart, enable, disable, is-active, list-units, daemon-reload."},
    {"tail", "1", "print the last lines", "tail [-n lines] [-f] [file ...]",
     "-f: Wait for more.\n-n +N: From the N-th line on."},
    {"tar", "1", "put files into an archive and take them out", "tar -c|-x|-t [-zvf file] [file ...]",
     "-c: Make an archive.\n-x: Take files out.\n-t: List.\n-z: With gzip.\n-f file: The archive."},
    {"tee", "1", "copy standard input to files too", "tee [-a] file ...", "-a: Behind what the files hold."},
    {"test", "1", "check files, texts and numbers", "test expression\n[ expression ]",
     "-f and -d: a file, a directory. -z and -n: an empty text, one that is not. = and !=: texts. -eq -ne -lt -le -gt "
     "-ge: numbers. !, -a, -o: not, and, or."},
    {"time", "1", "tell how long a command takes", "time command", "Prints the real time and the processor time."},
    {"top", "1", "show the processes that are at work", "top [-b] [-n count] [-d seconds] [-p pid]",
     "q quits, M sorts by memory, P by processor, k sends a signal.\n-b: Print and do not wait for keys.\n-n count: So "
     "many times."},
    {"touch", "1", "make files, or give them the present time", "touch [-c] [-d time] file ...", "-c: Make none."},
    {"tput", "1", "print the terminal's codes", "tput name [parameter ...]",
     "cols, lines, clear, bold, setaf N, sgr0, cup ROW COLUMN."},
    {"tr", "1", "replace or delete characters", "tr [-ds] set1 [set2]",
     "-d: Delete.\n-s: Runs of one character become one."},
    {"umount", "8", "detach a file system", "umount directory", "Takes a mount away."},
    {"uname", "1", "tell about the system", "uname [-asrm]",
     "-a: All of it.\n-r: The kernel's version.\n-m: The machine."},
    {"uniq", "1", "drop repeated lines", "uniq [-cdu] [file]",
     "Only lines that follow each other are compared: sort first.\n-c: With how often.\n-d: Only repeated ones."},
    {"uptime", "1", "tell how long the system has been up", "uptime [-ps]",
     "Prints the time, how long the system is up, who uses it and its load."},
    {"vi", "1", "a text editor", "vi [-R] [+line] [file ...]",
     "i begins to insert, Esc ends it. :w writes, :q quits, :wq does both, :q! forgets the changes. dd deletes a line, "
     "yy copies it, p puts it, u undoes, /text searches.\n-R: View only.\n+line: Begin at this line."},
    {"vim", "1", "a text editor", "vim [-R] [+line] [file ...]", "The same editor as vi: see vi(1)."},
    {"watch", "1", "run a command again and again and show what it prints", "watch [-dt] [-n seconds] command",
     "-n seconds: How long to wait; 2 unless told.\n-d: Mark what has changed.\n-t: Without a heading.\n-g: End when "
     "the output changes."},
    {"wc", "1", "count lines, words and bytes", "wc [-lwcm] [file ...]", "-l: Lines.\n-w: Words.\n-c: Bytes."},
    {"wget", "1", "fetch files from the network", "wget [-qO file] url ...",
     "-O file: Where to write; \"-\" is standard output.\n-q: Say nothing."},
    {"which", "1", "tell which file a command is", "which [-a] name ...", "-a: All in PATH."},
    {"whoami", "1", "print the user's name", "whoami", "The same as id -un."},
    {"xargs", "1", "make command lines from standard input", "xargs [-0r] [-n count] [-I text] [command]",
     "-n count: So many arguments each time.\n-I text: Put each line where the text stands.\n-0: Arguments end with a "
     "null byte."},
};

}  // namespace

std::span<const ManualPage> manual_pages() { return kPages; }

}  // namespace drydock::screen
