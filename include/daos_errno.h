/**
 * Error numbers. A function that can fail returns 0 or one of these, negated: -DER_NONEXIST. Two ranges, each
 * consecutive from its base; a number is never reused.
 */
#ifndef DAOS_ERRNO_H
#define DAOS_ERRNO_H

#ifdef __cplusplus
extern "C" {
#endif

/** Calls ACTION(name, description) for each error of the general range, in the order of their numbers. */
#define D_FOREACH_GURT_ERR(ACTION)                                        \
  ACTION(DER_NO_PERM, "The caller lacks the right to do this")            \
  ACTION(DER_NO_HDL, "The handle is not open")                            \
  ACTION(DER_INVAL, "An argument is not valid")                           \
  ACTION(DER_EXIST, "Something of that name is already there")            \
  ACTION(DER_NONEXIST, "What was asked for does not exist")               \
  ACTION(DER_UNREACH, "The peer cannot be reached")                       \
  ACTION(DER_NOSPACE, "There is no space left")                           \
  ACTION(DER_ALREADY, "This is already done")                             \
  ACTION(DER_NOMEM, "Out of memory")                                      \
  ACTION(DER_NOSYS, "This is not there yet")                              \
  ACTION(DER_TIMEDOUT, "It took longer than allowed")                     \
  ACTION(DER_BUSY, "It is in use")                                        \
  ACTION(DER_AGAIN, "Try again")                                          \
  ACTION(DER_PROTO, "The peer speaks another version of the protocol")    \
  ACTION(DER_UNINIT, "Not initialised, or not known yet")                 \
  ACTION(DER_TRUNC, "The buffer is too short")                            \
  ACTION(DER_OVERFLOW, "The value is above the limit")                    \
  ACTION(DER_CANCELED, "The operation was cancelled")                     \
  ACTION(DER_OOG, "The rank is not in the group")                         \
  ACTION(DER_HG, "The transport failed")                                  \
  ACTION(DER_UNREG, "The call or protocol is not registered")             \
  ACTION(DER_ADDRSTR_GEN, "The address text cannot be made")              \
  ACTION(DER_PMIX, "The process manager failed")                          \
  ACTION(DER_IVCB_FORWARD, "The variable must be forwarded")              \
  ACTION(DER_MISC, "Unspecified failure")                                 \
  ACTION(DER_BADPATH, "The path is malformed")                            \
  ACTION(DER_NOTDIR, "A part of the path is not a directory")             \
  ACTION(DER_CORPC_INCOMPLETE, "The collective call missed some members") \
  ACTION(DER_NO_RAS_RANK, "No rank takes part in failure reports")        \
  ACTION(DER_NOTATTACH, "Not attached to the service group")              \
  ACTION(DER_MISMATCH, "Versions or contents differ")                     \
  ACTION(DER_EXCLUDED, "The rank was excluded from the group")            \
  ACTION(DER_NOREPLY, "The remote handler sent no reply")                 \
  ACTION(DER_DOS, "Refused, to protect the service")                      \
  ACTION(DER_BAD_TARGET, "The call went to the wrong target")             \
  ACTION(DER_GRPVER, "The group version differs")                         \
  ACTION(DER_HLC_SYNC, "The clock of a peer is too far ahead")            \
  ACTION(DER_NO_SHMEM, "There is not enough shared memory")               \
  ACTION(DER_ADD_METRIC_FAILED, "The metric could not be added")          \
  ACTION(DER_DURATION_MISMATCH, "The duration ended without a start")     \
  ACTION(DER_OP_NOT_PERMITTED, "The operation does not fit the metric")   \
  ACTION(DER_EXCEEDS_PATH_LEN, "The path is too long")                    \
  ACTION(DER_METRIC_NOT_FOUND, "There is no such metric")                 \
  ACTION(DER_SHMEM_PERMS, "This user may not use the shared memory")      \
  ACTION(DER_HG_FATAL, "The transport failed for good")                   \
  ACTION(DER_QUOTA_LIMIT, "A quota was reached")

/** The same for the storage range. */
#define D_FOREACH_DAOS_ERR(ACTION)                                               \
  ACTION(DER_IO, "Reading or writing storage failed")                            \
  ACTION(DER_FREE_MEM, "Memory could not be released")                           \
  ACTION(DER_ENOENT, "There is no such entry in the store")                      \
  ACTION(DER_NOTYPE, "The object type is not known")                             \
  ACTION(DER_NOSCHEMA, "The object schema is not known")                         \
  ACTION(DER_NOLOCAL, "The object is not on this node")                          \
  ACTION(DER_STALE, "The pool map has moved on")                                 \
  ACTION(DER_NOTLEADER, "This replica does not lead the service")                \
  ACTION(DER_TGT_CREATE, "The target could not be made")                         \
  ACTION(DER_EP_RO, "The epoch may only be read")                                \
  ACTION(DER_EP_OLD, "The epoch is so old that its data is gone")                \
  ACTION(DER_KEY2BIG, "The first key does not fit the buffer")                   \
  ACTION(DER_REC2BIG, "The record does not fit the buffer")                      \
  ACTION(DER_IO_INVAL, "Buffers and extents do not match")                       \
  ACTION(DER_EQ_BUSY, "The event queue is busy")                                 \
  ACTION(DER_DOMAIN, "The components belong to different domains")               \
  ACTION(DER_SHUTDOWN, "The service is to shut down")                            \
  ACTION(DER_INPROGRESS, "The operation is still running")                       \
  ACTION(DER_NOTAPPLICABLE, "This does not apply here")                          \
  ACTION(DER_NOTREPLICA, "This is not a replica of the service")                 \
  ACTION(DER_CSUM, "The checksum does not match")                                \
  ACTION(DER_DF_INVAL, "The stored format is not ours or is damaged")            \
  ACTION(DER_DF_INCOMPT, "The stored format has another version")                \
  ACTION(DER_REC_SIZE, "The record size is inconsistent")                        \
  ACTION(DER_TX_RESTART, "The transaction must restart")                         \
  ACTION(DER_DATA_LOSS, "Data cannot be recovered")                              \
  ACTION(DER_OP_CANCELED, "The service cancelled the operation")                 \
  ACTION(DER_TX_BUSY, "The transaction is not committed yet")                    \
  ACTION(DER_AGENT_INCOMPAT, "The agent and this library do not fit")            \
  ACTION(DER_NEED_TX, "This needs a distributed transaction")                    \
  ACTION(DER_RF, "More failures than the redundancy factor")                     \
  ACTION(DER_FETCH_AGAIN, "The fetch must be repeated")                          \
  ACTION(DER_TX_UNCERTAIN, "The operation may or may not have been executed")    \
  ACTION(DER_AGENT_COMM, "The agent's socket does not answer")                   \
  ACTION(DER_ID_MISMATCH, "The identifiers differ")                              \
  ACTION(DER_TGT_RETRY, "Retry on another target")                               \
  ACTION(DER_NOTSUPPORTED, "This configuration does not support it")             \
  ACTION(DER_CONTROL_INCOMPAT, "The control programs do not fit")                \
  ACTION(DER_NO_SERVICE, "No service is available")                              \
  ACTION(DER_TX_ID_REUSED, "The transaction id may have been used before")       \
  ACTION(DER_UPDATE_AGAIN, "The update must be repeated")                        \
  ACTION(DER_NVME_IO, "A device failed to read or write")                        \
  ACTION(DER_NO_CERT, "The certificate cannot be read")                          \
  ACTION(DER_BAD_CERT, "The certificate is not valid")                           \
  ACTION(DER_VOS_PARTIAL_UPDATE, "Partial overwrite of a value within an epoch") \
  ACTION(DER_CHKPT_BUSY, "The page is read-only during a checkpoint")            \
  ACTION(DER_DIV_BY_ZERO, "Division by zero")                                    \
  ACTION(DER_OVERLOAD_RETRY, "The service is overloaded, try later")             \
  ACTION(DER_NOT_RESUME, "The former check cannot be resumed")                   \
  ACTION(DER_CONT_NONEXIST, "The container does not exist")                      \
  ACTION(DER_CONT_DESTROYING, "The container is being destroyed")                \
  ACTION(DER_IGNORE, "Skip the current item")

/** Calls ACTION(range, base) for each range. */
#define D_FOREACH_ERR_RANGE(ACTION) \
  ACTION(GURT, 1000)                \
  ACTION(DAOS, 2000)

#define D_DEFINE_ERRNO(name, desc) name,
#define D_DEFINE_ERRSTR(name, desc) #name,
#define D_DEFINE_ERRDESC(name, desc) desc,
#define D_DEFINE_RANGE_ERRNO(name, base) DER_ERR_##name##_BASE = (base), D_FOREACH_##name##_ERR(D_DEFINE_ERRNO)

enum daos_errno {
  DER_SUCCESS = 0,
  D_FOREACH_ERR_RANGE(D_DEFINE_RANGE_ERRNO)
  /** One above the highest number in use. */
  DER_LAST_VALID,
  /** Some error that has no number here. */
  DER_UNKNOWN = DER_ERR_GURT_BASE + 500000,
};

/** The former name of DER_EXCLUDED. */
#define DER_EVICTED _Pragma("GCC warning \"DER_EVICTED is now DER_EXCLUDED\"") DER_EXCLUDED

/**
 * Name of an error.
 *
 * @param errnum   what a function returned: 0 or negative.
 * @return "DER_NONEXIST" for -DER_NONEXIST, "DER_SUCCESS" for 0, "DER_UNKNOWN" for any other number, positive ones
 *         included. Static text, never NULL.
 * @threadsafe yes
 */
const char* d_errstr(int errnum);

/**
 * Description of an error, for people; its words may change.
 *
 * @param errnum   what a function returned: 0 or negative.
 * @return one sentence; "Success" for 0; "Unknown error code N" for a number that is not in use, in a buffer of the
 *         calling thread that its next such call overwrites. Never NULL.
 * @threadsafe yes
 */
const char* d_errdesc(int errnum);

/** printf("... " DF_RC "\n", DP_RC(rc)) prints the name, the number and the description. */
#define DF_RC "%s(%d): '%s'"
#define DP_RC(rc) d_errstr(rc), rc, d_errdesc(rc)

#ifdef __cplusplus
}
#endif
#endif /* DAOS_ERRNO_H */
