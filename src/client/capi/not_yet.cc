// Functions of the API that are not there yet: they return -DER_NOSYS (or null, false, nothing), always directly.
//
// Each is a weak alias. A strong definition in any other file of this folder takes its place, without an edit here; the
// line can then go. What is still weak in the built library is what docs/api-status.md has to call "not yet" (tests/api
// compares).
#include <daos.h>

extern "C" {

int daos_not_yet_int() { return -DER_NOSYS; }

// The alias ignores the arguments, which every calling convention that we build for allows.
#define NOT_YET(result, function) __attribute__((weak, alias("daos_not_yet_" #result))) decltype(function) function;

// daos_cont.h
NOT_YET(int, daos_cont_create_snap)
NOT_YET(int, daos_cont_create_snap_opt)
NOT_YET(int, daos_cont_list_snap)
NOT_YET(int, daos_cont_destroy_snap)
NOT_YET(int, daos_cont_snap_oit_create)
NOT_YET(int, daos_cont_snap_oit_destroy)

// daos_obj.h
NOT_YET(int, daos_oit_open)
NOT_YET(int, daos_oit_close)
NOT_YET(int, daos_oit_list)
NOT_YET(int, daos_oit_mark)
NOT_YET(int, daos_oit_list_unmarked)
NOT_YET(int, daos_oit_list_filter)

// daos_api.h
NOT_YET(int, daos_tx_open)
NOT_YET(int, daos_tx_commit)
NOT_YET(int, daos_tx_open_snap)
NOT_YET(int, daos_tx_abort)
NOT_YET(int, daos_tx_close)
NOT_YET(int, daos_tx_restart)
NOT_YET(int, daos_tx_hdl2epoch)

#undef NOT_YET

}  // extern "C"
