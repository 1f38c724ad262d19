#include "core/base/errno.h"

namespace drydock {

std::string_view errno_text(Errno error) {
  switch (error) {
    case Errno::kPerm:
      return "Operation not permitted";
    case Errno::kNoEnt:
      return "No such file or directory";
    case Errno::kSrch:
      return "No such process";
    case Errno::kIntr:
      return "Interrupted system call";
    case Errno::kIo:
      return "Input/output error";
    case Errno::kNxio:
      return "No such device or address";
    case Errno::k2Big:
      return "Argument list too long";
    case Errno::kNoExec:
      return "Exec format error";
    case Errno::kBadF:
      return "Bad file descriptor";
    case Errno::kChild:
      return "No child processes";
    case Errno::kAgain:
      return "Resource temporarily unavailable";
    case Errno::kNoMem:
      return "Cannot allocate memory";
    case Errno::kAcces:
      return "Permission denied";
    case Errno::kBusy:
      return "Device or resource busy";
    case Errno::kExist:
      return "File exists";
    case Errno::kXDev:
      return "Invalid cross-device link";
    case Errno::kNoDev:
      return "No such device";
    case Errno::kNotDir:
      return "Not a directory";
    case Errno::kIsDir:
      return "Is a directory";
    case Errno::kInval:
      return "Invalid argument";
    case Errno::kNoTty:
      return "Inappropriate ioctl for device";
    case Errno::kFBig:
      return "File too large";
    case Errno::kNoSpc:
      return "No space left on device";
    case Errno::kSPipe:
      return "Illegal seek";
    case Errno::kRoFs:
      return "Read-only file system";
    case Errno::kPipe:
      return "Broken pipe";
    case Errno::kNameTooLong:
      return "File name too long";
    case Errno::kNoSys:
      return "Function not implemented";
    case Errno::kNotEmpty:
      return "Directory not empty";
    case Errno::kLoop:
      return "Too many levels of symbolic links";
    case Errno::kProtoNoSupport:
      return "Protocol not supported";
    case Errno::kOpNotSupp:
      return "Operation not supported";
    case Errno::kAddrInUse:
      return "Address already in use";
    case Errno::kAddrNotAvail:
      return "Cannot assign requested address";
    case Errno::kNetDown:
      return "Network is down";
    case Errno::kNetUnreach:
      return "Network is unreachable";
    case Errno::kConnAborted:
      return "Software caused connection abort";
    case Errno::kConnReset:
      return "Connection reset by peer";
    case Errno::kIsConn:
      return "Transport endpoint is already connected";
    case Errno::kNotConn:
      return "Transport endpoint is not connected";
    case Errno::kTimedOut:
      return "Connection timed out";
    case Errno::kConnRefused:
      return "Connection refused";
    case Errno::kHostDown:
      return "Host is down";
    case Errno::kHostUnreach:
      return "No route to host";
  }
  return "Unknown error";
}

}  // namespace drydock
