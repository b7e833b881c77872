"""facts/s3_operations.tsv -> s3/dispatch.inc: one line for each implemented operation that is not one of a bucket document, for
the declarations of src/s3/operations.h and the switch of src/s3/service.cc.
"""
import _tsv
from s3_documents import VERBS, documents


def outputs():
    return ["s3/dispatch.inc"]


def generate(facts):
    of_documents = {row[verb] for row in documents(facts) for verb in VERBS}
    return {"s3/dispatch.inc": "".join(f"SIGNET_S3_OPERATION({row['name']})\n" for row in _tsv.read(facts / "s3_operations.tsv")
                                       if row["implemented"] == "yes" and row["name"] not in of_documents)}
