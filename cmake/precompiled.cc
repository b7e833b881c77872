// The precompiled headers (SignetModule.cmake) need a source to belong to.
int main() {}
