#include <string>

#include "base/strings.h"
#include "facts/errors.h"
#include "facts/iam_sentences.h"
#include "facts/iam_sentences.inc"
#include "facts/rolesanywhere_sentences.h"
#include "facts/rolesanywhere_sentences.inc"
#include "facts/s3_sentences.h"
#include "facts/s3_sentences.inc"
#include "facts/sessions_sentences.h"
#include "facts/sessions_sentences.inc"
#include "facts/sts_sentences.h"
#include "facts/sts_sentences.inc"
