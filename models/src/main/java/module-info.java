/// Well-known networks, one short file each.
module adjoint.models {
    requires transitive adjoint.core;

    exports adjoint.models;

    // Layers are found by reflection over the components of records.
    opens adjoint.models to
            adjoint.core;
}
