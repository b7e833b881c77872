#include "crypto/end_entity.h"
#include "rolesanywhere/checks.h"
#include "rolesanywhere/common.h"
#include "rolesanywhere/revocation.h"

namespace signet::rolesanywhere {
namespace {

using identity::RevocationList;
using identity::TrustAnchor;

CrlDetail to_wire(const RevocationList& list) {
  CrlDetail detail{.crl_id = list.id,
                   .crl_arn = arn_of(list),
                   .name = list.name,
                   .enabled = list.is_enabled,
                   .crl_data = list.data,
                   .trust_anchor_arn = arn_at({.account = list.account, .region = list.region},
                                              Named<TrustAnchor>::kType,
                                              list.anchor_id),
                   .created_at = list.created,
                   .updated_at = list.updated,
                   .alias_name = {},
                   .alias_arn = {},
                   .previous_alias_name = {}};
  tell_alias(list, detail);
  return detail;
}

Status accept_list(const std::string& data) {
  return crypto::is_revocation_list(data) ? Status() : Status(list_unreadable());
}

}  // namespace

std::vector<const RevocationList*> lists_of(const identity::Snapshot& snapshot,
                                            const TrustAnchor& anchor) {
  std::vector<const RevocationList*> lists;
  const std::string first = identity::relation_key(anchor.id, "");
  const auto& table = snapshot.index<identity::ListsOfAnchor>(anchor.account);
  for (auto it = table.lower_bound(first); it != table.end() && it->key.starts_with(first); ++it) {
    lists.push_back(it->value.get());
  }
  return lists;
}

Result<ImportCrlResponse> handle(const api::Authorized&,
                                 const ImportCrlRequest& request,
                                 api::HandlerContext& context) {
  const auto* anchor =
      find_by_arn<TrustAnchor>(context.snapshot, place_of(context), request.trust_anchor_arn);
  if (anchor == nullptr) {
    return entity_not_found(Named<TrustAnchor>::kNoun);
  }
  TRY_STATUS(accept_list(request.crl_data));
  if (lists_of(context.snapshot, *anchor).size() >= facts::kRevocationListsPerTrustAnchor) {
    return too_many(facts::kRevocationListsPerTrustAnchor, "revocation lists of a trust anchor");
  }
  RevocationList list = TRY(begin<RevocationList>(request, context));
  list.anchor_id = anchor->id;
  list.data = request.crl_data;
  TRY_STATUS(set_alias(list, request.alias_name, context));
  ImportCrlResponse response{.crl = to_wire(list)};
  context.transaction->put(std::move(list));
  return response;
}

Result<GetCrlResponse> handle(const api::Authorized&,
                              const GetCrlRequest& request,
                              api::HandlerContext& context) {
  return GetCrlResponse{.crl = to_wire(*TRY(require<RevocationList>(
                            context.snapshot, place_of(context), request.crl_id)))};
}

Result<ListCrlsResponse> handle(const api::Authorized&,
                                const ListCrlsRequest& request,
                                api::HandlerContext& context) {
  const Place place = place_of(context);
  const PageQuery query =
      TRY(read_page(Named<RevocationList>::kType, place, request.next_token, request.page_size));
  auto page = page_of<RevocationList>(context.snapshot, place, query, to_wire);
  return ListCrlsResponse{.next_token = std::move(page.next), .crls = std::move(page.items)};
}

Result<UpdateCrlResponse> handle(const api::Authorized&,
                                 const UpdateCrlRequest& request,
                                 api::HandlerContext& context) {
  RevocationList list = TRY(copy_of<RevocationList>(request.crl_id, context));
  list.name = request.name.value_or(list.name);
  if (request.crl_data) {
    TRY_STATUS(accept_list(*request.crl_data));
    list.data = *request.crl_data;
  }
  const auto lost = TRY(set_alias(list, request.alias_name, context));
  UpdateCrlResponse response{.crl = to_wire(list)};
  response.crl.previous_alias_name = lost;
  context.transaction->put(std::move(list));
  return response;
}

Result<EnableCrlResponse> handle(const api::Authorized&,
                                 const EnableCrlRequest& request,
                                 api::HandlerContext& context) {
  return EnableCrlResponse{
      .crl = to_wire(TRY(switched<RevocationList>(request.crl_id, true, context)))};
}

Result<DisableCrlResponse> handle(const api::Authorized&,
                                  const DisableCrlRequest& request,
                                  api::HandlerContext& context) {
  return DisableCrlResponse{
      .crl = to_wire(TRY(switched<RevocationList>(request.crl_id, false, context)))};
}

Result<DeleteCrlResponse> handle(const api::Authorized&,
                                 const DeleteCrlRequest& request,
                                 api::HandlerContext& context) {
  const RevocationList list =
      *TRY(require<RevocationList>(context.snapshot, place_of(context), request.crl_id));
  context.transaction->erase<RevocationList>(list.id);
  return DeleteCrlResponse{.crl = to_wire(list)};
}

}  // namespace signet::rolesanywhere
