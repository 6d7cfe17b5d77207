"""One module a stack. Data and messages outlive every deployment; everything else can be built anew."""
