/**
 * Arrays: cells of equal size, cut into chunks that are spread over the object's targets. Cell i lies in distribution
 * key i / chunk_size + 1, attribute key "0", record i % chunk_size; key 0 holds the sizes of a DAOS_OT_ARRAY. A call
 * that covers several chunks is not atomic without a transaction; each chunk is.
 */
#ifndef DAOS_ARRAY_H
#define DAOS_ARRAY_H

#include <daos_obj.h>
#include <daos_types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Ranges of at most DAOS_ARRAY_RG_LEN_THD cells that one call may have; more give -DER_NOTSUPPORTED. */
#define DAOS_ARRAY_LIST_IO_LIMIT 16384
#define DAOS_ARRAY_RG_LEN_THD 16

/** Cells rg_idx to rg_idx + rg_len - 1. */
typedef struct {
  daos_off_t rg_idx;
  daos_size_t rg_len;
} daos_range_t;

typedef struct {
  daos_size_t arr_nr;            /**< ranges */
  daos_range_t* arr_rgs;         /**< [arr_nr] */
  daos_size_t arr_nr_short_read; /**< out of a read of a byte array: cells beyond its end */
  daos_size_t arr_nr_read;       /**< out of a read of a byte array: cells below its end */
} daos_array_iod_t;

typedef struct {
  daos_size_t st_size;       /**< cells */
  daos_epoch_t st_max_epoch; /**< newest change, 0 if there was none */
} daos_array_stbuf_t;

/**
 * Complete the id of an array; see daos_obj_generate_oid.
 *
 * @param add_attr   true: the object stores its cell and chunk size (DAOS_OT_ARRAY); false: DAOS_OT_ARRAY_ATTR.
 */
static inline int daos_array_generate_oid(daos_handle_t coh, daos_obj_id_t* oid, bool add_attr, daos_oclass_id_t cid,
                                          daos_oclass_hints_t hints, uint32_t args) {
  return daos_obj_generate_oid(coh, oid, add_attr ? DAOS_OT_ARRAY : DAOS_OT_ARRAY_ATTR, cid, hints, args);
}

/**
 * Create an array and open it for reading and writing.
 *
 * @param coh          open container.
 * @param oid          id of an array type.
 * @param th           transaction, or DAOS_TX_NONE.
 * @param cell_size    bytes, 1 or more.
 * @param chunk_size   cells, 1 or more.
 * @param oh           out: close with daos_array_close.
 * @param ev           completion event, or NULL.
 * @return 0; -DER_EXIST; -DER_INVAL; -DER_NO_HDL; -DER_NO_PERM.
 * @threadsafe yes
 */
int daos_array_create(daos_handle_t coh, daos_obj_id_t oid, daos_handle_t th, daos_size_t cell_size,
                      daos_size_t chunk_size, daos_handle_t* oh, daos_event_t* ev);

/**
 * Open an array that stores its sizes.
 *
 * @param mode         DAOS_OO_RO or DAOS_OO_RW.
 * @param cell_size    out: bytes.
 * @param chunk_size   out: cells.
 * @param oh           out: close with daos_array_close.
 * @return 0; -DER_NONEXIST; -DER_INVAL not a DAOS_OT_ARRAY; -DER_NO_PERM what is stored is not an array; -DER_NO_HDL.
 * @threadsafe yes
 */
int daos_array_open(daos_handle_t coh, daos_obj_id_t oid, daos_handle_t th, unsigned int mode, daos_size_t* cell_size,
                    daos_size_t* chunk_size, daos_handle_t* oh, daos_event_t* ev);

/**
 * Open an array whose sizes the caller keeps; they must be the same each time. Existence is not looked at.
 *
 * @return 0; -DER_INVAL the id is not of such a type, or a size is 0; -DER_NO_HDL.
 * @threadsafe yes; local.
 */
int daos_array_open_with_attr(daos_handle_t coh, daos_obj_id_t oid, daos_handle_t th, unsigned int mode,
                              daos_size_t cell_size, daos_size_t chunk_size, daos_handle_t* oh, daos_event_t* ev);

/** Export an open array to other processes; the protocol is that of daos_pool_local2global. */
int daos_array_local2global(daos_handle_t oh, d_iov_t* glob);

/**
 * Import an array.
 *
 * @param coh    the same container, opened or imported here.
 * @param glob   made by daos_array_local2global.
 * @param mode   DAOS_OO_*, or 0 for the exporter's.
 * @param oh     out: close with daos_array_close.
 * @return 0; -DER_INVAL not an array's bytes, or another container; -DER_NO_HDL.
 * @threadsafe yes; local.
 */
int daos_array_global2local(daos_handle_t coh, d_iov_t glob, unsigned int mode, daos_handle_t* oh);

/** Close an array. @return 0; -DER_NO_HDL. @threadsafe yes; local. */
int daos_array_close(daos_handle_t oh, daos_event_t* ev);

/**
 * Read cells.
 *
 * @param iod   ranges, in any order. Of a byte array: cells never written read as zero below the end and are counted in
 *              arr_nr_short_read beyond it. Of other arrays they leave the buffer untouched.
 * @param sgl   destination: as many bytes as the ranges have; the network may write to it until completion.
 * @return 0; -DER_INVAL sizes differ; -DER_NO_HDL; -DER_NOTSUPPORTED too many small ranges; -DER_TX_RESTART.
 * @threadsafe yes
 */
int daos_array_read(daos_handle_t oh, daos_handle_t th, daos_array_iod_t* iod, d_sg_list_t* sgl, daos_event_t* ev);

/**
 * Write cells. Writing beyond the end makes the array longer.
 *
 * @param iod   ranges, in any order, not overlapping.
 * @param sgl   source: as many bytes as the ranges have; the network reads it until completion.
 * @return 0; -DER_INVAL sizes differ; -DER_NO_HDL; -DER_NO_PERM; -DER_NOSPACE; -DER_NOTSUPPORTED too many small ranges.
 * @threadsafe yes
 */
int daos_array_write(daos_handle_t oh, daos_handle_t th, daos_array_iod_t* iod, d_sg_list_t* sgl, daos_event_t* ev);

/** Size in cells: the last cell that exists, plus 1. @return 0; -DER_NO_HDL; -DER_INVAL. @threadsafe yes */
int daos_array_get_size(daos_handle_t oh, daos_handle_t th, daos_size_t* size, daos_event_t* ev);

/** Size and newest change. @return 0; -DER_NO_HDL; -DER_INVAL. @threadsafe yes */
int daos_array_stat(daos_handle_t oh, daos_handle_t th, daos_array_stbuf_t* stbuf, daos_event_t* ev);

/**
 * Set the size: cells beyond it are removed; a longer array gets a hole. Not atomic with writers outside a transaction.
 *
 * @param size   cells.
 * @return 0; -DER_NO_HDL; -DER_NO_PERM.
 * @threadsafe yes
 */
int daos_array_set_size(daos_handle_t oh, daos_handle_t th, daos_size_t size, daos_event_t* ev);

/** Remove an array with its stored sizes; the handle stays open. @return 0; -DER_NO_HDL; -DER_NO_PERM. @threadsafe yes
 */
int daos_array_destroy(daos_handle_t oh, daos_handle_t th, daos_event_t* ev);

/** Remove cells: they become holes. @return 0; -DER_INVAL; -DER_NO_HDL; -DER_NO_PERM. @threadsafe yes */
int daos_array_punch(daos_handle_t oh, daos_handle_t th, daos_array_iod_t* iod, daos_event_t* ev);

/** The sizes of an open array; note the order. @return 0; -DER_NO_HDL; -DER_INVAL. @threadsafe yes; local. */
int daos_array_get_attr(daos_handle_t oh, daos_size_t* chunk_size, daos_size_t* cell_size);

/** Change the chunk size that this handle uses, before any data is written. @return 0; -DER_NO_HDL. Local. */
int daos_array_update_chunk_size(daos_handle_t oh, daos_size_t chunk_size);

#ifdef __cplusplus
}
#endif
#endif /* DAOS_ARRAY_H */
