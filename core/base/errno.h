// Errno: why a system call of a virtual machine failed. Linux numbers, glibc texts.
#pragma once

#include <string_view>

namespace drydock {

enum class Errno : int {
  kPerm = 1,
  kNoEnt = 2,
  kSrch = 3,
  kIntr = 4,
  kIo = 5,
  kNxio = 6,
  k2Big = 7,
  kNoExec = 8,
  kBadF = 9,
  kChild = 10,
  kAgain = 11,
  kNoMem = 12,
  kAcces = 13,
  kBusy = 16,
  kExist = 17,
  kXDev = 18,
  kNoDev = 19,
  kNotDir = 20,
  kIsDir = 21,
  kInval = 22,
  kNoTty = 25,
  kFBig = 27,
  kNoSpc = 28,
  kSPipe = 29,
  kRoFs = 30,
  kPipe = 32,
  kNameTooLong = 36,
  kNoSys = 38,
  kNotEmpty = 39,
  kLoop = 40,
  kProtoNoSupport = 93,
  kOpNotSupp = 95,
  kAddrInUse = 98,
  kAddrNotAvail = 99,
  kNetDown = 100,
  kNetUnreach = 101,
  kConnAborted = 103,
  kConnReset = 104,
  kIsConn = 106,
  kNotConn = 107,
  kTimedOut = 110,
  kConnRefused = 111,
  kHostDown = 112,
  kHostUnreach = 113,
};

// strerror(): "No such file or directory".
std::string_view errno_text(Errno error);

}  // namespace drydock
