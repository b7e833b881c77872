#pragma once

#include "policy_prove/lexicon.h"

namespace signet::policy::prove {

// Public access is that of callers whom no policy means in particular: no value of a key that tells
// who calls, or from where, is one that the statement's conditions fix. Adds the literals that say
// so. Keys and fixed values are those of S3's meaning of "public" (policy_writing/public_access.h).
void add_limiting(const AccessStatement& statement, Vocabulary& vocabulary, Literals& out);

}  // namespace signet::policy::prove
