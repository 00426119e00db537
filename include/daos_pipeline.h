/**
 * Pipelines: filters and aggregations over the records of an object. Experimental: daos_pipeline_run wants
 * DAOS_PIPELINE=1 in the environment of daos_init. A filter is an expression in prefix order: each part is followed by
 * its operands.
 */
#ifndef DAOS_PIPELINE_H
#define DAOS_PIPELINE_H

#include <daos_obj.h>
#include <daos_types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A function, key or constant. Types are text: iov_len characters, no NUL needed. */
typedef struct {
  d_iov_t part_type;     /**< "DAOS_FILTER_FUNC_EQ", "DAOS_FILTER_DKEY", "DAOS_FILTER_CONST" ... */
  d_iov_t data_type;     /**< "DAOS_FILTER_TYPE_UINTEGER8" ...; of keys and constants */
  uint32_t num_operands; /**< of functions */
  daos_key_t akey;       /**< of DAOS_FILTER_AKEY */
  size_t num_constants;
  d_iov_t* constant;  /**< [num_constants] of DAOS_FILTER_CONST */
  size_t data_offset; /**< bytes to skip; of an array: first record */
  size_t data_len;    /**< bytes, or records; 0 for all */
} daos_filter_part_t;

typedef struct {
  d_iov_t filter_type; /**< "DAOS_FILTER_CONDITION" or "DAOS_FILTER_AGGREGATION" */
  uint32_t num_parts;
  daos_filter_part_t** parts; /**< [num_parts] the caller's parts, in an array of the library */
} daos_filter_t;

typedef struct {
  uint64_t version;
  uint32_t num_filters;
  daos_filter_t** filters; /**< [num_filters] all must be true */
  uint32_t num_aggr_filters;
  daos_filter_t** aggr_filters; /**< [num_aggr_filters] */
} daos_pipeline_t;

typedef struct {
  uint64_t nr_objs;
  uint64_t nr_dkeys; /**< keys looked at */
  uint64_t nr_akeys;
} daos_pipeline_stats_t;

/** Start a pipeline without filters. Local. */
void daos_pipeline_init(daos_pipeline_t* pipeline);

/** Start a filter: all zero. Local. */
void daos_filter_init(daos_filter_t* filter);

/** Add a filter, by address. @return 0; -DER_INVAL unknown filter_type; -DER_NOMEM. Local. */
int daos_pipeline_add(daos_pipeline_t* pipeline, daos_filter_t* filter);

/** Add a part to a filter, by address. @return 0; -DER_INVAL; -DER_NOMEM. Local. */
int daos_filter_add(daos_filter_t* filter, daos_filter_part_t* part);

/** Whether a pipeline is well formed. @return 0; -DER_INVAL; -DER_NOSYS an unknown part or data type. Local. */
int daos_pipeline_check(daos_pipeline_t* pipeline);

/** Release the arrays of a pipeline and of its filters; filters, parts and constants stay the caller's. Local. */
int daos_pipeline_free(daos_pipeline_t* pipeline);

/**
 * Run a pipeline over the distribution keys of an object, one group per call at most: loop until the anchor is at its
 * end.
 *
 * @param dkey        NULL.
 * @param nr_iods     in: attribute keys; out: values returned. Set it before each call.
 * @param iods        [*nr_iods] what conditions see and what is returned.
 * @param anchor      where to go on; updated.
 * @param nr_kds      in: room; out: keys returned. Set it before each call.
 * @param kds         [*nr_kds] out: length of each key.
 * @param sgl_keys    out: keys, packed.
 * @param sgl_recx    out: values, packed, key by key.
 * @param recx_size   [*nr_kds x *nr_iods] out: sizes of the values; may be NULL.
 * @param sgl_agg     [filters] out: a double for each aggregation.
 * @param stats       out, accumulated; may be NULL.
 * @return 0; -DER_REC2BIG; -DER_NOTSUPPORTED erasure-coded object; errors of daos_pipeline_check, directly.
 * @threadsafe yes
 */
int daos_pipeline_run(daos_handle_t coh, daos_handle_t oh, daos_pipeline_t* pipeline, daos_handle_t th, uint64_t flags,
                      daos_key_t* dkey, uint32_t* nr_iods, daos_iod_t* iods, daos_anchor_t* anchor, uint32_t* nr_kds,
                      daos_key_desc_t* kds, d_sg_list_t* sgl_keys, d_sg_list_t* sgl_recx, daos_size_t* recx_size,
                      d_sg_list_t* sgl_agg, daos_pipeline_stats_t* stats, daos_event_t* ev);

#ifdef __cplusplus
}
#endif
#endif /* DAOS_PIPELINE_H */
