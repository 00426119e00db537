// Filters of container lists: arrays of the caller's parts.
#include <daos_pool.h>

#include <cstdlib>

int daos_pool_cont_filter_init(daos_pool_cont_filter_t* filt, uint32_t combine_func) {
  if (filt == nullptr || combine_func > PCF_COMBINE_LOGICAL_OR) return -DER_INVAL;
  *filt = {};
  filt->pcf_combine_func = combine_func;
  return 0;
}

int daos_pool_cont_filter_add(daos_pool_cont_filter_t* filt, daos_pool_cont_filter_part_t* part) {
  if (filt == nullptr || part == nullptr || part->pcfp_func >= PCF_FUNC_MAX || part->pcfp_key >= PCF_KEY_MAX ||
      filt->pcf_nparts >= DAOS_POOL_CONT_FILTER_MAX_NPARTS) {
    return -DER_INVAL;
  }
  auto* grown = static_cast<daos_pool_cont_filter_part_t**>(
      std::realloc(filt->pcf_parts, (filt->pcf_nparts + 1) * sizeof(daos_pool_cont_filter_part_t*)));
  if (grown == nullptr) return -DER_NOMEM;
  grown[filt->pcf_nparts++] = part;
  filt->pcf_parts = grown;
  return 0;
}

void daos_pool_cont_filter_fini(daos_pool_cont_filter_t* filt) {
  if (filt == nullptr) return;
  std::free(filt->pcf_parts);
  *filt = {};
}
