#include <daos/object.h>

#include "model/classes/object_id.h"
#include "programs/daos/container_choice.h"

namespace daos::cli {
namespace {

struct Options {
  ContainerChoice choice;
  std::string oid;
};

std::string class_name(daos_oclass_id_t id) {
  char name[MAX_OBJ_CLASS_NAME_LEN + 1];
  daos_oclass_id2name(id, name);
  return name;
}

Result<output::Answer> query(Options options, const Global& global) {
  DX_TRY(options.choice.settle());
  const std::string& text = options.oid.empty() ? options.choice.own : options.oid;
  if (text.empty()) return Status(Code::kInvalid, "OID is required, as HI.LO");
  const std::optional<classes::ObjectId> id = classes::ObjectId::parse(text);
  if (!id) return error(Code::kInvalid, "failed to parse \"{}\" as OID (expected HI.LO)", text);
  const OpenContainer opened = DX_TRY(look_at_chosen(options.choice, global));
  daos_obj_layout* found = nullptr;
  const int rc = daos_obj_layout_get(opened.container.handle(), {.lo = id->lo, .hi = id->hi}, &found);
  if (rc == -DER_INVAL) {
    return error(Code::kInvalid, "{} is not the id of an object: its upper bits name no type or class", text);
  }
  if (rc != 0) return output::failed("failed to query object " + text, from_api(rc));
  const std::unique_ptr<daos_obj_layout, int (*)(daos_obj_layout*)> layout(found, daos_obj_layout_free);

  output::Answer answer{.text = fmt::format("oid: {} ver {} grp_nr: {}\n", text, layout->ol_version, layout->ol_nr)};
  output::Json shards = output::Json::array();
  for (uint32_t group = 0; group < layout->ol_nr; group++) {
    answer.text += fmt::format("grp: {}\n", group);
    output::Json replicas = output::Json::array();
    for (uint32_t i = 0; i < layout->ol_groups[group]->og_nr; i++) {
      const daos_obj_place& place = layout->ol_groups[group]->og_places[i];
      answer.text += fmt::format("replica {} {}:{}\n", i, place.op_rank, place.op_target);
      replicas.push_back({{"rank", place.op_rank}, {"target", place.op_target}});
    }
    shards.push_back({{"replicas", std::move(replicas)}});
  }
  answer.json = {{"oid", text},
                 {"version", layout->ol_version},
                 {"class", class_name(layout->ol_class)},
                 {"shards", std::move(shards)}};
  return answer;
}

}  // namespace

void add_object_query(arguments::Program& program, CLI::App& object, const Global& global) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(object, "query", {}, "Show on which targets an object is",
                                [options, &global] { return query(*options, global); });
  options->choice.add_to(verb, "OID", "The object's id, HI.LO");
  verb.add_option("-i,--oid", options->oid, "The same");
}

}  // namespace daos::cli
